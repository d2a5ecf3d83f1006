package main

type serveCommand struct{ common }

func (c *serveCommand) Run(env *environment) error { return misuse("later") }
