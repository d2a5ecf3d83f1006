package main

import "wenbao/configs"

// examples are questions that the reports in the program answer; of other
// reports the page finds some by itself.
func examples(cfg *configs.Config) []string {
	if cfg.Corpus != "" {
		return nil
	}
	return []string{"2021年新建绿色矿山多少座？", "今年地区生产总值增长目标是多少？", "三线一单是什么？", "去年城乡居民收入增长多少？", "今年怎么稳就业？"}
}
