package main

import (
	"wenbao/retrieval/corpus"
)

type inspectCommand struct {
	Config  string `placeholder:"FILE" help:"Settings file."`
	Corpus  string `placeholder:"PATH" help:"Folder of reports, .jsonl file or .txt file (default: the reports in the program)."`
	JSON    bool   `name:"json" help:"Print as JSON."`
	Figures bool   `name:"figures" help:"Print each sentence with figures, and what was read in it."`
}

func (i *inspectCommand) Run(env *environment) error {
	cfg, err := common{Config: i.Config, Corpus: i.Corpus}.settings(env)
	if err != nil {
		return err
	}
	c, err := readCorpus(cfg)
	if err != nil {
		return err
	}
	if i.JSON {
		return corpus.WriteInspectJSON(env.Stdout, c)
	}
	if i.Figures {
		return corpus.WriteFigures(env.Stdout, c)
	}
	return corpus.WriteInspect(env.Stdout, c)
}
