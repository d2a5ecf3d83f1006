package slack_test

import (
	"image"
	"image/draw"
	"image/png"
	"os"
)

// trim cuts the empty part below what a picture shows.
func trim(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	shot, err := png.Decode(f)
	f.Close()
	if err != nil {
		return err
	}
	b := shot.Bounds()
	last := b.Min.Y
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, g, bl, _ := shot.At(x, y).RGBA(); r+g+bl < 3*0xf000 {
				last = y
				break
			}
		}
	}
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), min(last+30, b.Max.Y)-b.Min.Y))
	draw.Draw(out, out.Bounds(), shot, b.Min, draw.Src)
	f, err = os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, out); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
