// Gen writes the character tables that analysis embeds, so that no dictionary
// is loaded at start.
package main

func main() {
	simplified()
	pinyinTable()
}
