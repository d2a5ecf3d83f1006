package retrieval_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wenbao/retrieval"
	"wenbao/retrieval/cedict"
)

// everyday is a report whose wording tempts: 家规, 能源回, 文山 and 条稳 are pairs
// of characters that it has, and no one who asks has misspelt them.
const everyday = `某省政府工作报告

一、重点工作

（一）落实国家规定，国家规定的电费标准不变。推进能源回收利用，开展能源回收试点。

（二）整治文山会海，加强人文关怀。落实17条稳就业措施，发放稳岗返还资金。

（三）根治欠薪，完善农民工工资支付保障制度。

（四）整治农村沟渠，完善农田灌溉和排涝设施。

（五）发展老年助餐服务，新增老年食堂300家。
`

const everydayWords = `
field: everyday
concepts:
  - {id: arrears, terms: [根治欠薪], said: [老板不给工钱, 工钱拖着, 干完活不给钱]}
  - {id: ditches, terms: [农村沟渠], said: [沟堵, 烂泥堵沟, 庄稼泡水, 田里积水]}
  - {id: meals, terms: [老年助餐], said: [爷爷奶奶没饭吃, 懒得做饭, 吃口热饭]}
  - {id: power, terms: [电费标准], said: [电费太贵]}
  - {id: jobs, terms: [稳就业], said: [没活干, 找不到活]}
`

func everydayEngine(t *testing.T) *retrieval.Engine {
	t.Helper()
	fsys := fstest.MapFS{}
	document(fsys, "somewhere-2025", everyday, about("甘肃省", "2025"))
	g, err := retrieval.NewGeneration(t.Context(), "", loadFS(t, fsys), loadWords(t, everydayWords), nil)
	if err != nil {
		t.Fatal(err)
	}
	e := retrieval.NewEngine(g, retrieval.Options{Dictionary: cedict.Open()})
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// TestEverydayWordsAreNoMistakes: a character that fits beside grammar, or
// beside a word that is whole without it, is no sign of a typing mistake.
func TestEverydayWordsAreNoMistakes(t *testing.T) {
	e := everydayEngine(t)
	g, release, err := e.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for _, text := range []string{"电费比人家贵", "啥时候能搬回去住", "有人巡山防着没", "那条街就淹", "women in work"} {
		if mended, changed := e.Mend(g, text); changed {
			t.Errorf("%q is taken for %q", text, mended)
		}
	}
	if mended, _ := e.Mend(g, "稳杠返还资金"); mended != "稳岗返还资金" {
		t.Errorf("a typing mistake is taken for %q", mended)
	}
}

// TestSaidInOtherWords finds what is asked about by how much of the question
// the forms of a concept have, where none of them stands in it.
func TestSaidInOtherWords(t *testing.T) {
	e := everydayEngine(t)
	for text, want := range map[string]string{
		"活早早干完，工钱左一拖右一拖，老板电话都不接": "根治欠薪",
		"田埂边的沟叫烂泥给堵严实，庄稼全泡在水里":   "沟渠",
		"爷爷奶奶年纪大懒得开火，中午想吃口热饭菜":   "老年助餐",
	} {
		if _, sentence := best(search(t, e, text, retrieval.Query{})); !strings.Contains(sentence, want) {
			t.Errorf("%s: %q, want what is said of %s", text, sentence, want)
		}
	}
}
