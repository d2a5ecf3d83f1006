package analysis

import "strings"

// A Dimension groups units that answer the same kind of how-much question.
type Dimension uint8

const (
	NoDimension Dimension = iota
	Count                 // things: 个 项 座 家 …
	Money
	Percent
	Points // percentage points
	People
	Households
	Area
	Length
	Weight
	Power
	Energy
	Volume
	Duration
	Date
	Rank
)

// units maps a unit to its dimension. A longer unit wins over its prefix.
var units = map[string]Dimension{
	"元": Money, "美元": Money, "欧元": Money, "港元": Money, "人民币": Money, "日元": Money, "块": Money, "块钱": Money,
	"%": Percent, "‰": Percent, "个百分点": Points, "百分点": Points, "成": Percent, "倍": Percent,
	"人": People, "人次": People, "名": People, "位": People, "岁": Duration,
	"户": Households, "家": Count, "户次": Households,
	"亩": Area, "公顷": Area, "平方米": Area, "平方公里": Area, "平方千米": Area, "平米": Area, "平": Area, "亩次": Area,
	"公里": Length, "千米": Length, "米": Length, "毫米": Length, "厘米": Length, "海里": Length, "里": Length, "英里": Length,
	"吨": Weight, "公斤": Weight, "千克": Weight, "克": Weight, "斤": Weight, "吨标准煤": Weight, "毫克": Weight, "微克": Weight,
	"千瓦": Power, "兆瓦": Power, "瓦": Power, "吉瓦": Power, "伏": Power, "千伏": Power, "千伏安": Power,
	"千瓦时": Energy, "度": Energy, "度电": Energy, "焦耳": Energy, "卡": Energy,
	"立方米": Volume, "立方": Volume, "升": Volume, "方": Volume,
	"年": Date, "月": Date, "日": Date, "号": Rank,
	"天": Duration, "小时": Duration, "分钟": Duration, "秒": Duration, "周": Duration, "个月": Duration, "个工作日": Duration, "周年": Duration, "年来": Duration, "工作日": Duration,
	"个": Count, "项": Count, "座": Count, "条": Count, "件": Count, "套": Count, "台": Count, "辆": Count, "所": Count, "处": Count,
	"列": Count, "期": Count, "次": Count, "只": Count, "头": Count, "口": Count, "张": Count, "份": Count, "种": Count, "类": Count,
	"批": Count, "支": Count, "颗": Count, "艘": Count, "架": Count, "场": Count, "届": Rank, "门": Count, "部": Count, "间": Count, "例": Count,
	"宗": Count, "起": Count, "个点": Points, "趟": Count, "班": Count, "标箱": Count, "标准箱": Count, "人份": Count, "剂": Count, "剂次": Count, "床": Count, "张床": Count,
	"册": Count, "本": Count, "集": Count, "首": Count, "篇": Count, "盏": Count, "对": Count, "双": Count, "棵": Count, "株": Count, "羽": Count, "匹": Count, "片": Count, "根": Count, "级": Rank, "名列": Rank,
	"强": Count, "字": Count, "枚": Count, "座次": Count, "线": Count, "村": Count, "县": Count, "市": Count, "省份": Count, "省": Count, "国": Count,
	"平方英里": Area, "英尺": Length, "华氏度": Energy, "摄氏度": Energy, "℃": Energy, "分": Count,
	"多": NoDimension,
}

const longestUnit = 5

// DimensionOf returns the dimension of unit, NoDimension when it is none.
func DimensionOf(unit string) Dimension { return units[unit] }

// unitAt returns the longest unit that rs starts with, "" when there is none.
func unitAt(rs []rune) string {
	for n := min(longestUnit, len(rs)); n > 0; n-- {
		u := string(rs[:n])
		if d, ok := units[u]; ok && d != NoDimension {
			if u == "方" && n < len(rs) && strings.ContainsRune("案面式向法", rs[n]) {
				return "" // 3.0方案, 6方面
			}
			return u
		}
	}
	return ""
}

// UnitAt returns the unit at the start of folded text, multipliers skipped
// (万亿元 gives 元), and how many runes both took.
func UnitAt(rs []rune) (string, int) {
	i := 0
	for i < len(rs) && i < 2 && (rs[i] == '万' || rs[i] == '亿') {
		i++
	}
	u := unitAt(rs[i:])
	return u, i + len([]rune(u))
}
