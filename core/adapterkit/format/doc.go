// Package format turns what a bot says into what a platform takes: texts and cards
// within its limits and in its markup, and formatted text into Markdown's tree.
//
// # By task
//
//	count and cut a text as the platform counts            Unit, Length, Head, Shorten
//	split what is too long                                 SplitMarkdown, SplitText
//	the same for a stream, of which a part is shown        CutGrowing
//	emoji and mentions of a text or of Markdown            Markup.Text, RewriteMarkdown
//	the same for Markdown that comes in pieces             MarkdownWriter
//	names of users after "@"                               ReplaceNames, Rewrites.Name
//	a tree in the platform's markup                        Render, Markup, HTML, Mrkdwn, WhatsApp
//	what is too long in the platform's markup              RenderParts
//	formatted text as ranges, both ways                    ToEntities, FromEntities
//	what people write in such a markup                     MrkdwnReader
//	a post as a tree or as markup, whatever it is made of  PostTree, RenderPost
//	a card as a tree, Markdown or text                     CardTree, CardMarkdown, CardText
//	a card's buttons in rows                               Rows
//	a table in columns                                     markdown.ASCIITable
//	attachments as links                                   AttachmentLinks
//
// A platform that takes Markdown gets RewriteMarkdown(post.AsMarkdown(), …), split by
// SplitMarkdown. One with a markup of its own gets
//
//	format.RenderParts(post.AsMarkdown(), 4096, format.UTF16, format.HTML())
//
// of which each part is whole markup.
package format
