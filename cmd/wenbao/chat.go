package main

type chatCommand struct{ common }

func (c *chatCommand) Run(env *environment) error { return misuse("later") }
