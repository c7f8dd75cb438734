// Package teamstest proves the adapter for Microsoft Teams on a fake Bot Connector.
package teamstest
