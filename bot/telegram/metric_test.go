package telegram_test

// metric sums a metric over its labels.
func (w *world) metric(name string) float64 {
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sum
}

// requests counts the calls of a method that were answered.
func (w *world) requests(method string) int {
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, f := range families {
		if f.GetName() != "wenbao_telegram_calls_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if labels := m.GetLabel(); labels[0].GetValue() == method && labels[1].GetValue() == "ok" {
				n += int(m.GetCounter().GetValue())
			}
		}
	}
	return n
}
