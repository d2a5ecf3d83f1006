package intake

import (
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// headBytes are enough of a file to tell what it is.
const headBytes = 3072

// advice says what to do with files that hold text, but not plainly.
var advice = []struct{ kind, what, remedy string }{
	{"application/pdf", "a PDF", "convert it, for example with pdftotext, look it over, and upload the .txt"},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a Word document", "save it as plain text (.txt, UTF-8), and upload that"},
	{"application/msword", "a Word document", "save it as plain text (.txt, UTF-8), and upload that"},
	{"application/x-ole-storage", "a document of an office program", "save it as plain text (.txt, UTF-8), and upload that"},
	{"application/vnd.oasis.opendocument", "a document of an office program", "save it as plain text (.txt, UTF-8), and upload that"},
	{"application/vnd.openxmlformats-officedocument", "a document of an office program", "save it as plain text (.txt, UTF-8), and upload that"},
	{"application/vnd.ms-", "a document of an office program", "save it as plain text (.txt, UTF-8), and upload that"},
	{"text/rtf", "an RTF document", "save it as plain text (.txt, UTF-8), and upload that"},
	{"text/html", "a web page", "save its text as .txt, without menus and advertisements, and upload that"},
	{"application/xhtml+xml", "a web page", "save its text as .txt, without menus and advertisements, and upload that"},
	{"message/rfc822", "a mail or a saved web page", "save its text as .txt, and upload that"},
	{"text/xml", "XML", "upload its text as .txt"},
	{"image/", "a picture", "its text must be read out (OCR) first; upload that as .txt"},
	{"application/postscript", "PostScript", "convert it to text, and upload the .txt"},
	{"application/zip", "a ZIP archive", "name it .zip, and do not put it into another"},
	{"application/x-7z-compressed", "an archive", "pack the .txt files as .zip"},
	{"application/x-rar-compressed", "an archive", "pack the .txt files as .zip"},
	{"application/gzip", "an archive", "pack the .txt files as .zip"},
	{"application/x-tar", "an archive", "pack the .txt files as .zip"},
	{"application/x-xz", "an archive", "pack the .txt files as .zip"},
	{"application/x-bzip2", "an archive", "pack the .txt files as .zip"},
}

// kindOf names what a file is by its first bytes.
func kindOf(head []byte) *mimetype.MIME { return mimetype.Detect(head[:min(len(head), headBytes)]) }

// isZip reports whether a file is a ZIP archive, and not one of the formats that
// are archives inside.
func isZip(head []byte) bool { return kindOf(head).Is("application/zip") }

// isOffice holds for documents that are archives inside.
func isOffice(kind *mimetype.MIME) bool {
	return strings.Contains(kind.String(), "officedocument") || strings.Contains(kind.String(), "opendocument")
}

// refusal says what a file is instead of plain text, and what to do about it.
// "" means nothing that is known.
func refusal(kind *mimetype.MIME) string {
	for m := kind; m != nil; m = m.Parent() {
		for _, a := range advice {
			if m.Is(a.kind) || strings.HasPrefix(m.String(), a.kind) {
				return "this is " + a.what + ", no plain text: " + a.remedy
			}
		}
	}
	if kind.Is("application/octet-stream") || plain(kind) {
		return ""
	}
	return "this is " + kind.String() + ", no plain text: upload .txt files, or a .zip of them"
}

// plain holds for kinds that are text, also text with a meaning to a program.
func plain(kind *mimetype.MIME) bool {
	for m := kind; m != nil; m = m.Parent() {
		if m.Is("text/plain") {
			return true
		}
	}
	return false
}

// marked holds for kinds that may decode as text but whose words stand
// between marks.
func marked(kind *mimetype.MIME) bool {
	return kind.Is("application/pdf") || kind.Is("application/postscript") || plain(kind) && refusal(kind) != ""
}
