// Package format converts posts of a bot into the texts of a platform, within its limits and
// in its markup. It also converts formatted text of a platform into a tree of Markdown.
//
// # By task
//
//	measure and cut a text as the platform counts          Unit, Length, Head, Shorten, ShortenMarkdown
//	split a text that is too long                          SplitMarkdown, SplitText
//	cut a stream whose beginning is already shown          CutGrowing, CutBetweenWords, Settled
//	convert emoji and mentions in text or Markdown         Markup.Text, RewriteMarkdown
//	the same for Markdown that comes in pieces             MarkdownWriter
//	find emoji and mentions in text                        Segments, WholeSegments
//	convert names of users after "@"                       ReplaceNames, Rewrites.Name
//	write a tree in the platform's markup                  Render, Markup, HTML, Mrkdwn, WhatsApp
//	split and write Markdown in the platform's markup      RenderParts
//	convert formatted text to ranges, and from ranges      ToEntities, FromEntities
//	read Markdown, and the markup of Slack and others      Parse, MrkdwnReader
//	convert any post to a tree, to markup or to texts      PostTree, RenderPost, PostTexts
//	convert a card to a tree, Markdown or text             CardTree, CardMarkdown, CardText
//	arrange the buttons of a card in rows                  Rows
//	show a table as code with columns                      TablesAsCode, markdown.ASCIITable
//	show attachments as links                              AttachmentLinks
//
// An adapter whose platform reads Markdown uses RewriteMarkdown(post.AsMarkdown(), …) and
// SplitMarkdown. An adapter whose platform has a markup of its own uses
//
//	format.RenderParts(post.AsMarkdown(), 4096, format.UTF16, format.HTML())
//
// in which each part is complete markup.
package format
