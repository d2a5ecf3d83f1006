package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"wenbao/retrieval/corpus"
	"wenbao/retrieval/report"
)

const sample = "2024年某省政府工作报告\n一、2023年工作回顾\n新建公园12个，修缮道路30公里。\n"

// file is one of an archive or a form.
type file struct {
	name, content string
	mode          fs.FileMode
	stored        bool // not packed
	windows       bool // its name is not UTF-8
}

func archive(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, NonUTF8: f.windows}
		if f.mode != 0 {
			h.SetMode(f.mode)
		}
		if f.stored || strings.HasSuffix(f.name, "/") {
			h.Method = zip.Store
		}
		part, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(part, f.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func form(t testing.TB, files ...file) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range files {
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + f.name + `"`}})
		if err == nil {
			_, err = io.WriteString(part, f.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

func body(content []byte, name string) Body {
	return Body{ReaderAt: bytes.NewReader(content), Size: int64(len(content)), Name: name}
}

func read(t *testing.T, b Body, o Options) *Haul {
	t.Helper()
	h, err := Read(b, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func encoded(t *testing.T, e interface{ Bytes([]byte) ([]byte, error) }, text string) string {
	t.Helper()
	b, err := e.Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func utf16le(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

// TestDocumentsOfGoodUploads: texts in every encoding, archives of Windows and
// macOS, forms.
func TestDocumentsOfGoodUploads(t *testing.T) {
	gbName := encoded(t, simplifiedchinese.GB18030.NewEncoder(), "某省.txt")
	traditional := strings.Repeat("新建公園十二個，修繕道路三十公里。\n", 3)
	formBody, formType := form(t, file{name: "a.txt", content: sample}, file{name: "a.yaml", content: "year: 2024"}, file{name: "more.zip", content: string(archive(t, file{name: "b/c.txt", content: sample}))})
	tests := []struct {
		name    string
		body    Body
		options Options
		ids     string // "id=file" in order
	}{
		{"text", body([]byte(sample), "某省.txt"), Options{}, "某省=某省.txt"},
		{"text with an id", body([]byte(sample), ""), Options{ID: "prov2024/某省"}, "prov2024/某省=prov2024/某省.txt"},
		{"text with name and id", body([]byte(sample), "x.TXT"), Options{ID: "a/b"}, "a/b=x.TXT"},
		{"under a folder", body([]byte(sample), "x.txt"), Options{Under: "prov2024/"}, "prov2024/x=x.txt"},
		{"GB18030", body([]byte(encoded(t, simplifiedchinese.GB18030.NewEncoder(), sample)), "a.txt"), Options{}, "a=a.txt"},
		{"Big5", body([]byte(encoded(t, traditionalchinese.Big5.NewEncoder(), traditional)), "a.txt"), Options{}, "a=a.txt"},
		{"UTF-16 with a mark", body([]byte("\xFF\xFE"+utf16le(sample)), "a.txt"), Options{}, "a=a.txt"},
		{"UTF-16 without", body([]byte(utf16le(sample)), "a.txt"), Options{}, "a=a.txt"},
		{"UTF-8 with a mark", body([]byte("\uFEFF"+sample), "a.txt"), Options{}, "a=a.txt"},
		{"zip", body(archive(t, file{name: "x/"}, file{name: "x/a.txt", content: sample}, file{name: "x/a.yaml", content: "id: y/z"}, file{name: "b.txt", content: sample}), "r.zip"), Options{}, "y/z=x/a.txt b=b.txt"},
		{"zip without a name", body(archive(t, file{name: "a.txt", content: sample}), ""), Options{}, "a=a.txt"},
		{"zip of one, with an id", body(archive(t, file{name: "a.txt", content: sample}), ""), Options{ID: "b"}, "b=a.txt"},
		{"zip of Windows", body(archive(t, file{name: gbName, content: sample, windows: true}), "r.zip"), Options{}, "某省=某省.txt"},
		{"zip of Windows, longer", body(archive(t, file{name: encoded(t, simplifiedchinese.GB18030.NewEncoder(), "2026年/广西壮族自治区.txt"), content: sample, windows: true}), "r.zip"), Options{}, "2026年/广西壮族自治区=2026年/广西壮族自治区.txt"},
		{"zip of macOS", body(archive(t, file{name: "a.txt", content: sample}, file{name: "__MACOSX/._a.txt", content: "\x00\x05\x16\x07"}, file{name: ".DS_Store", content: "\x00"}), "r.zip"), Options{}, "a=a.txt"},
		{"zip with decomposed names", body(archive(t, file{name: "Ko\u0308ln.txt", content: sample}), "r.zip"), Options{}, "Köln=Köln.txt"},
		{"form", Body{ReaderAt: bytes.NewReader(formBody), Size: int64(len(formBody)), Type: formType}, Options{Under: "u"}, "u/a=a.txt u/b/c=b/c.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := read(t, tt.body, tt.options)
			var got []string
			for _, d := range h.Documents {
				got = append(got, d.ID()+"="+d.File)
				if r, problem := (corpus.Reader{}).Report(d); problem != nil || len(r.Paragraphs) != 3 {
					t.Errorf("%s: %v", d.ID(), problem)
				}
			}
			if strings.Join(got, " ") != tt.ids || len(h.Problems) > 0 {
				t.Errorf("documents %q, problems %v", got, h.Problems)
			}
		})
	}
}

func TestMetadataGivenGoesBeforeThatInTheFile(t *testing.T) {
	zipped := archive(t, file{name: "a.txt", content: sample}, file{name: "a.yaml", content: "year: 2023\nregion: 某省"})
	h := read(t, body(zipped, "a.zip"), Options{Given: report.Metadata{Year: 2024, Title: "题"}})
	if len(h.Documents) != 1 || !cmp.Equal(h.Documents[0].Given, report.Metadata{Year: 2024, Title: "题", Region: "某省"}) {
		t.Errorf("%+v", h)
	}
}

// TestBadUploads: whatever is wrong, the message says where and what to do,
// and no document is damaged on the way to it.
func TestBadUploads(t *testing.T) {
	zipped := func(files ...file) Body { return body(archive(t, files...), "r.zip") }
	good := file{name: "good.txt", content: sample}
	named := func(name string) Body { return zipped(good, file{name: name, content: sample}) }
	tests := []struct {
		name    string
		body    Body
		options Options
		want    string // of the problems
	}{
		{"empty", body(nil, "a.txt"), Options{}, "a.txt: the document is empty"},
		{"blank", body([]byte(" \n\u3000\n"), "a.txt"), Options{}, "the document is empty"},
		{"broken UTF-8", body([]byte(sample+"\xE6\x96\n"), "a.txt"), Options{}, "a.txt:4: byte "},
		{"zero bytes", body([]byte(sample+"\x00"), "a.txt"), Options{}, "a.txt:4: byte "},
		{"binary", body([]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"), "a.txt"), Options{}, "no plain text"},
		{"PDF", body([]byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"), "a.txt"), Options{}, "a.txt: this is a PDF, no plain text: convert it"},
		{"PDF by its name", body([]byte("%PDF-1.7\n"), "a.pdf"), Options{}, "a.pdf: this is a PDF"},
		{"Word", body(archive(t, file{name: "[Content_Types].xml", content: "<x/>"}, file{name: "_rels/.rels"}, file{name: "word/document.xml", content: "<x/>"}), "a.docx"), Options{}, "a.docx: this is a Word document, no plain text: save it as plain text"},
		{"Word called .txt", body(archive(t, file{name: "[Content_Types].xml", content: "<x/>"}, file{name: "_rels/.rels"}, file{name: "word/document.xml", content: "<x/>"}), "a.txt"), Options{}, "this is a Word document"},
		{"Word called .zip", body(archive(t, file{name: "[Content_Types].xml", content: "<x/>"}, file{name: "_rels/.rels"}, file{name: "word/document.xml", content: "<x/>"}), "a.zip"), Options{}, "a.zip: this is a Word document"},
		{"old Word", body(append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 600)...), "a.doc"), Options{}, "this is a document of an office program"},
		{"HTML", body([]byte("<!DOCTYPE html><html><body>"+sample), "a.txt"), Options{}, "this is a web page"},
		{"RTF", body([]byte(`{\rtf1\ansi a}`), "a.txt"), Options{}, "this is an RTF document"},
		{"picture", body([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "a.txt"), Options{}, "this is a picture"},
		{"rar", body([]byte("Rar!\x1a\x07\x01\x00"), "a.rar"), Options{}, "pack the .txt files as .zip"},
		{"gzip", body([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), "a.txt.gz"), Options{}, "pack the .txt files as .zip"},
		{"text with another ending", body([]byte(sample), "a.doc"), Options{}, "name a plain text .txt"},
		{"zip called .txt", body(archive(t, good), "a.txt"), Options{}, "name it .zip"},
		{"text called .zip", body([]byte(sample), "a.zip"), Options{}, "no ZIP archive"},
		{"PDF called .zip", body([]byte("%PDF-1.7\n"), "a.zip"), Options{}, "this is a PDF"},
		{"too long", body(bytes.Repeat([]byte("中"), MaxDocument/3+1), "a.txt"), Options{}, "a.txt: it has more than 4 MiB"},
		{"too many paragraphs", body([]byte(strings.Repeat("a\n", MaxParagraphs+1)), "a.txt"), Options{}, "it has 20001 paragraphs"},
		{"metadata broken", zipped(good, file{name: "good.yaml", content: "title: a\nyear: soon"}), Options{}, `good.yaml:2: year: "soon" is not a year`},
		{"metadata with an unknown key", zipped(good, file{name: "good.yaml", content: "yera: 2024"}), Options{}, `did you mean "year"?`},
		{"metadata too long", zipped(good, file{name: "good.yaml", content: "#" + strings.Repeat("a", MaxMetadata), stored: true}), Options{}, "good.yaml: it has more than 64 KiB"},
		{"metadata alone", zipped(good, file{name: "b.yaml", content: "year: 2024"}), Options{}, "b.yaml: metadata without a document: there is no b.txt beside it"},
		{"metadata twice", zipped(good, file{name: "good.yaml"}, file{name: "good.yml"}), Options{}, "there is metadata for the document already"},
		{"ids that disagree", zipped(good, file{name: "good.yaml", content: "id: x"}), Options{ID: "y"}, `it says that the id is "x", but "y" is asked for`},
		{"an id for two", zipped(good, file{name: "b.txt", content: sample}), Options{ID: "y"}, "there are 2"},
		{"metadata for two", zipped(good, file{name: "b.txt", content: sample}), Options{Given: report.Metadata{Year: 2024}}, "there are 2"},
		{"an id twice", zipped(good, file{name: "b.txt", content: sample}, file{name: "b.yaml", content: "id: good"}), Options{}, `b.txt: the id "good" is that of good.txt too`},
		{"a bad id in metadata", zipped(good, file{name: "good.yaml", content: "id: ../x"}), Options{}, "leads upwards"},
		{"a bad id", body([]byte(sample), "a.txt"), Options{ID: "/a"}, "begins with /"},
		{"a bad folder", body([]byte(sample), "a.txt"), Options{Under: "../x"}, "leads upwards"},
		{"nothing in it", zipped(), Options{}, "r.zip: there is no .txt file in it"},
		{"folders only", zipped(file{name: "x/"}), Options{}, "there is no .txt file in it"},

		{"upwards", named("../../etc/passwd.txt"), Options{}, "../../etc/passwd.txt: the name leads upwards: it holds .. as a folder"},
		{"upwards inside", named("a/../../b.txt"), Options{}, "leads upwards"},
		{"absolute", named("/etc/cron.d/a.txt"), Options{}, "the name begins with /"},
		{"backslash", named(`..\..\a.txt`), Options{}, `the name holds \`},
		{"drive", named("C:/a.txt"), Options{}, `"C:" names a drive`},
		{"drive of a file", named("C:a.txt"), Options{}, `"C:" names a drive`},
		{"zero in the name", named("a.txt\x00.txt"), Options{}, "cannot be seen: U+0000"},
		{"line end in the name", named("a\n.txt"), Options{}, "cannot be seen: U+000A"},
		{"turned around", named("a\u202Etxt.exe.txt"), Options{}, "cannot be seen: U+202E"},
		{"hidden", named(".htaccess.txt"), Options{}, "begins with a dot"},
		{"hidden folder", named(".ssh/a.txt"), Options{}, "begins with a dot"},
		{"tilde", named("a~b.txt"), Options{}, "the name holds ~"},
		{"empty part", named("a//b.txt"), Options{}, "an empty part"},
		{"space at the end", named("a /b.txt"), Options{}, "white space"},
		{"a long name", named(strings.Repeat("长", 70) + ".txt"), Options{}, "the name has 214 bytes"},
		{"not UTF-8, not GB18030", named("\xFF\xFF.txt"), Options{}, "neither UTF-8 nor GB18030"},
		{"tricks beside junk", named("__MACOSX/../../a.txt"), Options{}, "leads upwards"},
		{"twice", zipped(good, good), Options{}, "good.txt: the name is there twice"},
		{"twice but for case", zipped(good, file{name: "GOOD.txt", content: sample}), Options{}, "GOOD.txt: the name is there twice, as good.txt too"},
		{"twice but for composition", zipped(file{name: "Ko\u0308ln.txt", content: sample}, file{name: "K\u00F6ln.txt", content: sample}), Options{}, "the name is there twice"},
		{"link", zipped(good, file{name: "a.txt", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), Options{}, "a.txt: it is a link"},
		{"device", zipped(good, file{name: "a.txt", mode: fs.ModeDevice | 0o666}), Options{}, "a.txt: it is a link, a folder or a device"},
		{"folder called like a file", zipped(good, file{name: "a.txt", mode: fs.ModeDir | 0o777}), Options{}, "a.txt: it is a link, a folder or a device"},
		{"folder upwards", zipped(good, file{name: "../x/"}), Options{}, "leads upwards"},
		{"zip in a zip", zipped(good, file{name: "in.zip", content: string(archive(t, good))}), Options{}, "in.zip: this is a ZIP archive, no plain text: name it .zip, and do not put it into another"},
		{"program in a zip", zipped(good, file{name: "a.exe", content: "MZ\x90\x00\x03\x00\x00\x00\x04\x00"}), Options{}, "a.exe: this is "},
		{"bomb", zipped(good, file{name: "a.txt", content: strings.Repeat("中", 1<<20)}), Options{}, "a.txt: it unpacks to more than 100 times its size"},
		{"many files", zipped(slices.Repeat([]file{good}, MaxFiles+1)...), Options{}, "there are more than 1000 files"},
		{"much in all", zipped(much(9)...), Options{}, "what was sent unpacks to more than 32 MiB"},
		{"many paragraphs in all", zipped(lines(6)...), Options{}, "more than 100000 paragraphs; send them in parts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := read(t, tt.body, tt.options)
			all := ""
			for _, p := range h.Problems {
				all += p.String() + "\n"
			}
			if !strings.Contains(all, tt.want) || strings.Count(all, "\n") != 1 && tt.name != "much in all" {
				t.Errorf("problems:\n%swant one with %q", all, tt.want)
			}
		})
	}
}

// much are n documents as long as they may be.
func much(n int) []file {
	content := strings.Repeat("a", MaxDocument)
	var files []file
	for i := range n {
		files = append(files, file{name: string(rune('a'+i)) + ".txt", content: content, stored: true})
	}
	return files
}

// lines are n documents of as many paragraphs as they may have.
func lines(n int) []file {
	content := strings.Repeat("a\n", MaxParagraphs)
	var files []file
	for i := range n {
		files = append(files, file{name: string(rune('a'+i)) + ".txt", content: content, stored: true})
	}
	return files
}

// TestProblemsAreBounded: an upload of nothing but mistakes does not make an
// answer without end.
func TestProblemsAreBounded(t *testing.T) {
	var files []file
	for i := range 500 {
		files = append(files, file{name: strings.Repeat("x", i%40) + "/../.txt"})
	}
	h := read(t, body(archive(t, files...), "r.zip"), Options{})
	if n := len(h.Problems); n != maxProblems+1 || h.Problems[n-1].Message != "450 more problems" {
		t.Errorf("%d problems, the last %v", n, h.Problems[n-1])
	}
}

// TestHandMadeArchives are such as no archiver makes.
func TestHandMadeArchives(t *testing.T) {
	whole := archive(t, file{name: "a.txt", content: sample}, file{name: "b.txt", content: sample + "完。"})
	patch := func(offset int, value ...byte) []byte {
		b := bytes.Clone(whole)
		copy(b[bytes.Index(b, []byte("PK\x01\x02"))+offset:], value)
		return b
	}
	overlapping := bytes.Clone(whole)
	second := bytes.LastIndex(overlapping, []byte("PK\x01\x02"))
	copy(overlapping[second+42:], []byte{0, 0, 0, 0}) // where the second begins: at the first
	crc := bytes.Clone(whole)
	crc[bytes.Index(crc, []byte("PK\x01\x02"))+16] ^= 1
	tests := []struct {
		name string
		b    []byte
		want string
	}{
		{"cut off", whole[:len(whole)-30], "not all of it arrived"},
		{"cut in half", whole[:len(whole)/2], "not all of it arrived"},
		{"entries share bytes", overlapping, "share bytes of the archive"},
		{"wrong checksum", crc, "a.txt: it is damaged"},
		{"encrypted", patch(8, 1), "it is encrypted"},
		{"unknown method", patch(10, 99), "it cannot be unpacked"},
		{"says that it is small", patch(24, 1, 0, 0, 0), "a.txt: it is damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := read(t, body(tt.b, "r.zip"), Options{})
			if len(h.Problems) == 0 || !strings.Contains(h.Problems[0].String(), tt.want) {
				t.Errorf("%v, want %q", h.Problems, tt.want)
			}
		})
	}
}

// TestFoldersWithContent cannot be made with archive/zip.
func TestFoldersWithContent(t *testing.T) {
	b := archive(t, file{name: "a.txt", content: sample}, file{name: "x.txt", content: sample})
	b = bytes.ReplaceAll(b, []byte("x.txt"), []byte("x.tx/"))
	if h := read(t, body(b, "r.zip"), Options{}); len(h.Problems) != 1 || !strings.Contains(h.Problems[0].Message, "says that it is a folder, but has content") {
		t.Errorf("%v", h.Problems)
	}
}

// TestManyEntriesAreNotRead: what lists hundreds of thousands of them is
// refused before they are in memory.
func TestManyEntriesAreNotRead(t *testing.T) {
	entry := append([]byte("PK\x01\x02"), make([]byte, 42)...)
	b := bytes.Repeat(entry, 600_000)
	h := read(t, body(b, "r.zip"), Options{})
	if len(h.Problems) != 1 || !strings.Contains(h.Problems[0].Message, "more than 1000 files") {
		t.Errorf("%v", h.Problems)
	}
}

func TestFormsThatCannotBeRead(t *testing.T) {
	whole, contentType := form(t, file{name: "a.txt", content: sample})
	_, boundary, _ := strings.Cut(contentType, "boundary=")
	field := []byte("--" + boundary + "\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n--" + boundary + "--\r\n")
	coded := []byte("--" + boundary + "\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--" + boundary + "--\r\n")
	tests := []struct {
		name, contentType string
		b                 []byte
		want              string
	}{
		{"cut off", contentType, whole[:len(whole)-len(boundary)], "unexpected EOF"},
		{"cut off in a file", contentType, whole[:len(whole)/2], "unexpected EOF"},
		{"no boundary", "multipart/form-data", whole, "no boundary"},
		{"another boundary", "multipart/form-data; boundary=x", whole, "EOF"},
		{"a field", contentType, field, `the field "title" is no file`},
		{"a transfer encoding", contentType, coded, "transfer encoding"},
		{"another kind", "multipart/mixed; boundary=" + boundary, whole, "send multipart/form-data"},
		{"no name", "text/plain", []byte(sample), "give ?id=ID, or ?name=FILE.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := body(tt.b, "")
			b.Type = tt.contentType
			if h, err := Read(b, Options{}); !errors.Is(err, ErrForm) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%+v %v, want %q", h, err, tt.want)
			}
		})
	}
}

// TestFormNamesAreTakenAsTheyAre: what would be cut away elsewhere is refused.
func TestFormNamesAreTakenAsTheyAre(t *testing.T) {
	b, contentType := form(t, file{name: "../../a.txt", content: sample})
	if h := read(t, Body{ReaderAt: bytes.NewReader(b), Size: int64(len(b)), Type: contentType}, Options{}); len(h.Problems) != 1 || !strings.Contains(h.Problems[0].Message, "leads upwards") {
		t.Errorf("%+v", h)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{"a": "a", "prov2026/四川省": "prov2026/四川省", "四川省　2026": "四川省　2026", "a b/c-1（修订）.v2": "a b/c-1（修订）.v2", "Ko\u0308ln": "Köln"} {
		if got, err := Name(name); err != nil || got != want {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
}

// FuzzName: whatever is taken can be neither another place nor read as another
// name, and is taken again as it is.
func FuzzName(f *testing.F) {
	for _, seed := range []string{"a/b.txt", "../a", "/a", `a\b`, "C:a", ".a", "a/./b", "a\x00", "Ko\u0308ln", "四川省", "~", "a//b", strings.Repeat("长", 67)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got, err := Name(name)
		if err != nil {
			return
		}
		if again, err := Name(got); err != nil || again != got {
			t.Errorf("%q: %q %v", got, again, err)
		}
		if !fs.ValidPath(got) || got == "." || len(got) > maxName || strings.ContainsAny(got, "\\~\x00\n\r") || strings.Contains("/"+got, "/.") {
			t.Errorf("%q is taken", got)
		}
	})
}

// FuzzRead: no bytes make it panic, or take more than it may; what it returns
// as documents can be used.
func FuzzRead(f *testing.F) {
	whole := archive(f, file{name: "a.txt", content: sample}, file{name: "a.yaml", content: "year: 2024"}, file{name: "x/"}, file{name: "x/b.txt", content: strings.Repeat(sample, 300)})
	f.Add(whole, "r.zip", "")
	f.Add(whole[:len(whole)-9], "r.zip", "")
	f.Add([]byte(sample), "a.txt", "")
	f.Add([]byte(sample), "", "p/a")
	f.Add([]byte("%PDF-1.4"), "a.pdf", "")
	formBody, contentType := form(f, file{name: "a.txt", content: sample}, file{name: "r.zip", content: string(whole)})
	f.Add(formBody, "", "")
	f.Fuzz(func(t *testing.T, b []byte, name, id string) {
		for _, kind := range []string{"", contentType} {
			in := body(b, name)
			in.Type = kind
			h, err := Read(in, Options{ID: id})
			if err != nil {
				continue
			}
			total := 0
			seen := map[string]bool{}
			for _, d := range h.Documents {
				total += len(d.Text)
				clean, err := Name(d.ID())
				if err != nil || clean != d.ID() || seen[Fold(clean)] || len(d.Text) > MaxDocument {
					t.Errorf("%q: %v", d.ID(), err)
				}
				seen[Fold(clean)] = true
				if _, problem := d.Decode(); problem != nil {
					t.Error(problem)
				}
			}
			if total > MaxBody || len(h.Problems) > maxProblems+1 || len(h.Documents)+len(h.Problems) == 0 {
				t.Errorf("%d bytes, %d documents, %d problems", total, len(h.Documents), len(h.Problems))
			}
		}
	})
}
