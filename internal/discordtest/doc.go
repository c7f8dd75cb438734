// Package discordtest proves the Discord adapter against a fake Discord.
package discordtest
