package indicators_test

import (
	"testing"

	"wenbao/configs"
	"wenbao/retrieval/indicators"
)

// BenchmarkDecode is what the list adds to a start of the program.
func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := indicators.Decode(configs.Indicators); err != nil {
			b.Fatal(err)
		}
	}
}
