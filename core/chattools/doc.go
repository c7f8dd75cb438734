// Package chattools lets language models act: a [Tool] is what a model may call, and an
// [Agent] calls tools for it until it has answered. Neither belongs to a model's library;
// the modules under llm connect both to some.
package chattools
