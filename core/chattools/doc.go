// Package chattools lets language models act: a [Tool] is what a model may call, [New]
// returns those that act in chats, and an [Agent] calls tools for a model until it has
// answered. None of them belongs to a model's library; the modules under llm connect them
// to some, and the module mcpchat serves them to any agent.
//
// # Scope
//
// What a message says can make a model do what its author wants. So a tool acts only in the
// conversation in whose handler it is called: [Config].Scope. The check is made before
// anybody is asked for an approval, and by the bot's own view of where a thread, a channel
// or a message is, not by the model's words.
//
// # Approvals
//
// A call that writes is approved by people in the conversation, or in the one that
// [Config].ApprovalThread names, who see all that would be done. The turn goes on when they have answered; one that is run again after a crash finds
// its question again, and its answer.
package chattools
