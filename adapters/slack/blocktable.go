package slack

import (
	"strings"

	slackapi "github.com/slack-go/slack"

	"github.com/chat-adapter/chat-go/core/card"
)

// table adds a table as Slack's own if it fits, else as text in columns. With a
// caption or a page size it is a data table, which has both and can be sorted;
// otherwise the plain table, which shows all rows and aligns its columns.
func (w *cardWriter) table(t *card.Table) {
	rows, total := w.tableRows(t)
	fits := len(t.Headers) > 0 && len(t.Headers) <= maxTableColumns && len(rows) <= maxTableRows && total <= maxTableText
	if w.surface != inMessage || w.tables == maxTables || !fits {
		if t.Caption != "" {
			w.text(t.Caption, card.Bold)
		}
		w.element(t)
		return
	}
	w.tables++
	if t.Caption == "" && t.PageSize == 0 || len(rows) == 1 {
		if t.Caption != "" {
			w.text(t.Caption, card.Bold)
		}
		block := slackapi.NewTableBlock("")
		for _, row := range rows {
			cells := make([]slackapi.TableCell, len(row))
			for i, cell := range row {
				cells[i] = slackapi.NewTableRawTextCell(cell)
			}
			block.AddRow(cells...)
		}
		if len(t.Align) > 0 {
			settings := make([]slackapi.ColumnSetting, len(t.Headers))
			for i := range settings {
				settings[i].Align = slackapi.ColumnAlignmentLeft
				if i < len(t.Align) && (t.Align[i] == card.Center || t.Align[i] == card.Right) {
					settings[i].Align = slackapi.ColumnAlignment(t.Align[i])
				}
			}
			block.WithColumnSettings(settings...)
		}
		w.add(block, total)
		return
	}
	block := slackapi.NewDataTableBlock(shorten(or(w.plain(t.Caption), "Table"), maxSection))
	if t.PageSize > 0 {
		block.WithPageSize(min(t.PageSize, maxTablePage))
	}
	for _, row := range rows {
		cells := make([]slackapi.DataTableCell, len(row))
		for i, cell := range row {
			cells[i] = slackapi.NewDataTableRawTextCell(cell)
		}
		block.AddRow(cells...)
	}
	w.add(block, total)
}

// tableRows returns the header and the rows, all of one length and without empty
// cells, and how many characters they have together.
func (w markup) tableRows(t *card.Table) (rows [][]string, total int) {
	add := func(cells []string) {
		row := make([]string, len(t.Headers))
		for i := range row {
			row[i] = " "
			if i < len(cells) && strings.TrimSpace(cells[i]) != "" {
				row[i] = w.plain(cells[i])
			}
			total += length(row[i])
		}
		rows = append(rows, row)
	}
	add(t.Headers)
	for _, row := range t.Rows {
		add(row)
	}
	return rows, total
}
