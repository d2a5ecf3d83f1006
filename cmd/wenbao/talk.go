package main

import "wenbao/configs"

// allowed are the entries of the allow-list as the conversation reads them.
func allowed(list configs.Allow) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.String())
	}
	return out
}
