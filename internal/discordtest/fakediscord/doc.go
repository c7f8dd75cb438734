// Package fakediscord is Discord's API and gateway in memory: it checks every call
// against Discord's documentation, refuses as Discord does, and reads back what a
// message shows by Discord's rules.
//
// https://docs.discord.com/developers/reference
package fakediscord
