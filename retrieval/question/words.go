package question

import "strings"

// cue says what a phrase of a question means for the answer that is wanted.
// A cue is cut out of the content unless keep is set, so that no false bigram
// forms across it.
type cue struct {
	want  Want
	time  timeCue
	small smallTalk
	keep  bool // stays in the content, at a low weight
	weak  bool // sets want only where nothing else does
}

type timeCue uint8

const (
	noTime timeCue = iota
	lastYear
	thisYear
	nextYear
	beforeLast
	achieved
	target
	done      // achieved, whatever else is said: 完成计划了没有
	fiveYears // the years since the last term or plan began
)

type smallTalk uint8

const (
	noTalk smallTalk = iota
	greeting
	thanks
	farewell
	identity
	offTopic
)

// phrases is matched longest first on folded Chinese text. Everyday and
// written forms stand side by side.
var phrases = buildPhrases([]phraseGroup{
	{cue{want: Definition}, "是什么意思 什么意思 是啥意思 是个啥意思 是个什么意思 啥意思 是何意思 何意 什么叫 什么叫做 何谓 何为 啥叫 啥是 什么是 指的是什么 指的是啥 是指什么 指什么 指啥 指的什么 又指什么 是指 怎么解释 如何解释 怎么理解 如何理解 的定义 定义是什么 的含义 含义 的意思 是干什么的 是干嘛的 是干啥的 干什么用的 解释一下 解释下 怎么讲 说的是什么 说的是啥 是什么东西 是啥东西 是个什么东西 是什么概念 是个啥 又是什么 又是啥 内涵 是怎么回事 是咋回事 讲的是什么 代表什么 介绍一下 是做什么的 说的啥 讲的啥 是什么政策 是什么计划 是什么行动"},
	{cue{want: Definition, weak: true}, "是什么 是啥 是甚么"},
	{cue{want: Figure}, "多少 好几个 好多 百分之多少 百分之几 百分之多少点 多大 多高 多长 多快 几个 几多 多少个 几何 达多少 多少来着 占多少"},
	{cue{want: Figure, weak: true}, "什么规模 什么水平 什么程度"},
	{cue{want: Who}, "是谁 谁 哪位 什么人 哪个人 何人 哪支球队 哪支队伍 哪家公司 哪家企业 哪个单位 哪个部门 是什么人"},
	{cue{want: Where}, "在哪里 在哪儿 在哪几个地方 在哪些地方 在哪个 在哪几个 在哪几片 在哪几处 在哪 哪里 哪儿 哪个市 哪个省 哪个县 哪个区 哪个盟 哪个旗 哪个州 哪个城市 哪座城市 哪些城市 哪几个城市 哪些地方 哪几个地方 哪个地方 什么地方 哪个地区 哪些地区 哪几个地区 何处 哪些省份 落在哪里 哪些国家 哪个国家 是什么地方 是啥地方"},
	{cue{want: When}, "什么时候 何时 啥时候 哪一年 哪年 哪一天 哪天 几月几号 几月几日 几号 几月 什么日子 什么时间 啥时间 何年 几时 是什么时候 是啥时候 是什么时间 是什么日子"},
	// A wish rather than a question for a date: 啥时候能喝上干净水.
	{cue{want: When, weak: true}, "什么时候能 什么时候才能 什么时候才 什么时候都 啥时候能 啥时候才能 啥时候才 啥时候都 啥时候好 几时能 几时才能 几时好 何时能 何时才能 哪天能 哪天才能 啥时能"},
	{cue{want: Duration}, "多久 多长时间 几个小时 几小时 几天 几分钟 多少天 多少小时 几年 多少年 几个月 多少个月"},
	{cue{want: List}, "有哪些 哪些 哪几个 哪几样 哪几类 哪几种 哪几项 哪几家 哪几条 哪几座 哪几 是哪几个 是哪些 有哪几 都有什么 都有啥 有什么 有啥 包括什么 包括哪些 包含哪些 分别是什么 分别是 分别指 具体是 具体指 列一下 列出 列举 列举一下 哪两个 哪三个 哪四个 哪五个 哪六个 哪八个 哪十个 是哪两 是哪三 是哪四 是哪五 哪样 哪几点 几样 几类 哪方面 哪些方面 哪几个方面"},
	{cue{want: Which}, "几号线 叫什么名字 叫什么 叫啥 叫啥名 什么名字 名字是什么 名称 哪个 哪一个 哪座 哪条 哪家 哪支 哪所 哪项 哪种 什么样的 什么样 怎样的 什么 啥"},
	{cue{want: Measure}, "怎么办 咋办 怎么 如何 咋样 咋 怎样 咋整 有什么办法 有啥办法 有没有办法 有什么措施 有哪些措施 采取什么措施 什么办法 什么措施 有什么安排 有啥安排 有何举措 有什么举措 有哪些举措 哪些举措 哪些措施 做了什么 做什么 干什么 干嘛 干啥 有何安排 怎么做 怎么干 怎么管 怎么解决 怎么处理 如何解决 准备怎么 打算怎么 是什么办法 是什么措施"},
	{cue{want: YesNo, weak: true}, "是不是 是否 有没有 有木有 能不能 会不会 可不可以 行不行 好不好 管不管 搞不搞 替不替 给不给 算不算 够不够 要不要 没有 吗 嘛 么"},
	{cue{time: lastYear}, "去年 上年 上一年 前一年 过去一年 过去的一年 一年来 上年度 去年底 上年末 去年末 去年全年 去年年底 刚过去的一年 上一年度"},
	{cue{time: thisYear}, "今年 本年 本年度 今年内 年内 今年底 今年年底 年底前 这一年 当年 新的一年 今nian 今年末 今年里"},
	{cue{time: nextYear}, "明年 来年 下一年 下年度"},
	{cue{time: beforeLast}, "前年 大前年"},
	{cue{time: fiveYears}, "五年来 过去五年 近五年 这五年 五年间 过去5年 近5年 5年来 这5年 5年间"},
	{cue{time: done, want: YesNo, weak: true}, "了没有 了没 没有完成 了吗"},
	{cue{time: target, keep: true}, "计划 目标 打算 准备 预期 预计 力争 将要 还要 想要 争取 将会 会不会 今后 未来 接下来 下一步 安排 规划 想做到 定的"},
	{cue{time: achieved, keep: true}, "已经 实际"},
	// The whole of the region that a report is about.
	{cue{keep: true}, "全区 全省 全市 全自治区 自治区 我区 我省 我市 本省 本市 本区 我们区 我们省 我们市 咱区 咱省 咱市"},
	{cue{}, "请问一下 请问 想问下 想问问 想问一下 我想问 想问 问一下 问下 问问 我想知道 想知道 我想了解 想了解 了解一下 了解下 麻烦 麻烦问下 帮我查一下 帮我查下 帮我查 帮我看看 帮我 查一下 查下 查查 告诉我 跟我说说 说说 讲讲 说一下 说下 讲一下 看一下 看看 谈谈 介绍下 那个 这个 那么 嗯嗯 嗯 哈 啊啊 啊 呀 呢 吧 哦 喔 噢 唉 诶 欸 哎 呃 额 啦 哟 来着 咱们 咱 我们 我 你们 您 你 他们 它们 换个话题 另外 还有 顺便 以及 一共 总共 合计 共计 到底 究竟 大概 大约 差不多 具体 其中 一下 一点 了 的 是 在报告里 在报告中 报告里 报告中 报告上 报告说 报告提到 报告 政府工作报告 工作报告 里面 提到的 提到 说的 关于 有关 请 一年 全年 情况 可以 应该 可能 吗 嘛 么 吖 好几 到了 说要 政府说 方面 相关 都有 那几个 这几个 对于 针对 分别 一些 有些 是个 来说 的话 这份 这个报告 那边 这边 那里 这里 准备拿 地方 主要是 主要 会不会 为什么 为啥 为何"},
	{cue{small: greeting}, "你好 您好 你好呀 哈喽 嗨 早上好 下午好 晚上好 在吗 在不在 有人吗 早安 晚安 侬好 吃了吗 吃了没 饭吃过伐 饭吃了吗 hello hi hey"},
	{cue{small: thanks}, "谢谢 多谢 感谢 辛苦了 辛苦啦 谢谢你 谢谢您 谢谢啦 谢啦 太感谢了 麻烦你了 麻烦您了 thanks thx 谢了 thankyou"},
	{cue{small: offTopic}, "带伞 天气咋样 天气怎么样 天气如何 今天天气 明天天气 后天天气 天气好不好 会下雨吗 下不下雨 写一段 写一首 写首诗 写首歌 写个程序 写代码 写段代码 写个脚本 快速排序 冒泡排序 翻译成 翻译一下 帮我翻译 讲个笑话 说个笑话 来个笑话 讲个故事 订一张 订张票 订机票 订火车票 订酒店 买彩票 算个命 算命 星座运势 星座配对 唱首歌 推荐一部电影 推荐个餐厅 好吃的餐厅 推荐家 推荐个 推荐几个 好吃的馆子 旅游攻略 好玩的景点 哪只股票 买哪只基金 几点了 赢了没 谁赢了 比分是多少"},
	{cue{small: farewell}, "再见 拜拜 bye 回见"},
	{cue{small: identity}, "你是谁 你是什么 你叫什么 你能做什么 你能干什么 你会什么 怎么用 你是机器人吗"},
})

type phraseGroup struct {
	cue   cue
	words string
}

// functionChars carry grammar rather than content: a bigram that holds one
// weighs less, as a unigram it weighs nothing.
const functionChars = "的了是在有和与及就也都还对把被给让从到向以为于不没个这那其之而或上下中里内去来说着过得地要会能可将已又再更最很太每各并等所该此自由经因如若但虽且他她它们我你您咱谁么呢吗吧啊呀哦嘛啥哪几多少大小好"

var functionSet = func() map[rune]bool {
	set := make(map[rune]bool)
	for _, r := range functionChars {
		set[r] = true
	}
	return set
}()

// wordsBegun gives for phrases the characters that, behind them, make them or
// their end part of another word.
var wordsBegun = map[string]string{
	"年内": inner, "今年内": inner, "内": inner,
	"度":  "假",
	"地方": "政债金财立税国标戏特",
	"全区": "运", "全省": "运", "全市": "运", // 全区运动会
}

// inner follows 内 in words: 内蒙古, 内需.
const inner = "蒙江地黄乡需贸河陆涝部生丘"

// unitNouns are how nouns begin whose first character is a unit too: 多少项目
// asks for 项目, not for 目. Those that also begin what a unit is followed by
// (多少家电力企业) are left out.
var unitNouns = func() map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields("人口 人才 人员 人工 人大 家庭 项目 条件 条例 种子 种业 种粮 种苗 种植 场馆 场景 场地 场所 台风 台账 台商 台胞 台企 头部 部门 部队 " +
		"县城 县域 县区 县市 县级 市场 市县 市民 市级 村庄 村民 村镇 村级 村集 省级 省外 省内 省道 国家 国企 国有 国际 国道 国内 国债 线路 线上 线索 门店 门诊 本科 本地 本土 对口 对外 双一 " +
		"片区 强村 强县 强镇 里程 成果 成效 成员 成本 成绩 口岸 口袋 份额 班列 班级 列车 平台 支出 支线 支持 床位 集体 集群 集团 集装 首店 首批 度假 宗教 名牌 名镇 名村 位置 " +
		"天然 年轻 年货 个体 批发 期货 类型 所得 处理 周边") {
		set[w] = true
	}
	return set
}()

// IsFunction reports whether r is a character that carries grammar.
func IsFunction(r rune) bool { return functionSet[r] }

// englishCues are matched on lower-case words, longest phrase first.
var englishCues = buildPhrases([]phraseGroup{
	{cue{want: Figure}, "how much|how many|what percentage|what percent|what share|what is the number of|how large|how big|how high|how long is|by how much|what proportion|how fast"},
	{cue{want: Figure, weak: true}, "number of|total|rate|amount|percentage|percent"},
	{cue{want: Definition}, "what does|what is meant by|meaning of|definition of|mean|stand for|explain|define"},
	{cue{want: Definition, weak: true}, "what is|what are|what's|what was"},
	{cue{want: Who}, "who|whom|which company|which team"},
	{cue{want: Where}, "where|which city|which cities|which league|which region|which regions|which province|which places|which place"},
	{cue{want: When}, "when|what date|what day|which year|what year"},
	{cue{want: Duration}, "how long"},
	{cue{want: List}, "list|which|name the|what kinds of|what kind of|what types of"},
	{cue{want: Measure}, "how|what will|what does the report say about|what measures|what is being done|what steps"},
	{cue{time: lastYear}, "last year|the previous year|previous year|in the past year|the past year"},
	{cue{time: thisYear}, "this year|current year"},
	{cue{time: nextYear}, "next year"},
	{cue{time: target}, "target|targets|goal|goals|plan|plans|planned|will|going to|aim|aims|expected|to be built|intend|intends"},
	{cue{time: achieved}, "did|completed|achieved|was|were|grew|built|has been|have been|had"},
	{cue{small: greeting}, "hello|hi|hey|good morning|good afternoon|are you there"},
	{cue{small: thanks}, "thank you|thanks|thx"},
	{cue{small: farewell}, "bye|goodbye"},
	{cue{small: offTopic}, "weather be like|weather like|the weather today|weather tomorrow|a joke|a poem|write code|write a program|write a script|translate|quicksort|book a ticket|book a flight|who won"},
	{cue{small: identity}, "who are you|what can you do|what are you"},
	{cue{}, "the|a|an|of|in|on|at|to|for|by|with|and|or|is|are|be|been|do|does|did|it|its|this|that|these|those|there|from|as|into|what|please|tell|me|about|say|says|said|report|according|i|you|we|they|government|work|can|could|would|should|may|many|much|any|some|people's|has|have|had|was|were|if|kind|be|which|want|know|get|gets|got|year|years|behind|under|during|over|between|per|each|all|total|number|program|programme|new"},
})
