// Package faketeams is a stand-in for Microsoft Teams: the Bot Connector, the tokens of
// Microsoft Entra, the keys of the Bot Framework and the parts of Microsoft Graph that
// the adapter uses, after their documentation. Calls that the documentation does not
// allow fail the test.
package faketeams
