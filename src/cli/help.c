/* SPDX-License-Identifier: BSD-2-Clause */
/* --help: two columns, the right one wrapped, 80 wide. */
#include "cli/help.h"

#include <string.h>

#include "base/line.h"
#include "cli/wrap.h"

/* A row whose left column is wider has its help on the next line, so that one
 * long name does not push all help texts to the right. */
#define LEFT_MAX 32
#define HELP_TEXT_MAX 600

/* "  -t, --timeout DURATION"; returns its width. */
static size_t left_text(const struct opt *row, char *out, size_t size)
{
	char letter[8] = "   ";
	int n;

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c%s", row->letter,
			 row->name ? "," : "");
	n = snprintf(out, size, "  %s%s%s%s%s", letter, row->name ? " --" : "",
		     row->name ? row->name : "", row->arg ? " " : "",
		     row->arg ? row->arg : "");
	return (size_t)n;
}

/* Width of the left column: the widest row that is not out of all measure. */
static size_t left_width(const struct opt_group *groups, size_t groups_n)
{
	size_t widest = 0;

	for (size_t g = 0; g < groups_n; g++) {
		for (size_t i = 0; groups[g].title && i < groups[g].n; i++) {
			char left[LEFT_MAX * 2];
			size_t n = left_text(&groups[g].rows[i], left,
					     sizeof(left));

			if (n > widest && n <= LEFT_MAX)
				widest = n;
		}
	}
	return widest + 2;
}

/* The help text, then the choices, then the default. */
static void right_text(const struct opt *row, char *out, size_t size)
{
	struct line l = line_init(out, size);

	line_add(&l, "%s", row->help);
	for (size_t i = 0; row->choices && row->choices[i]; i++)
		line_add(&l, "%s%s", i ? ", " : ": ", row->choices[i]);
	if (!row->shown)
		return;
	/* "(default: 1s)" is not torn apart; a longer one may be. */
	if (strchr(row->shown, ' '))
		line_add(&l, " (default: %s)", row->shown);
	else
		line_add(&l, " (default:" WRAP_GLUE "%s)", row->shown);
}

static void print_title(FILE *out, const char *title)
{
	fprintf(out, "\n%s:\n", title);
}

static void print_row(FILE *out, const struct opt *row, size_t width)
{
	char left[LEFT_MAX * 2], right[HELP_TEXT_MAX];
	size_t column;

	if (row->type == OPT_HEADING) {
		print_title(out, row->help);
		return;
	}
	column = left_text(row, left, sizeof(left));
	fputs(left, out);
	if (column + 2 > width) {
		putc('\n', out);
		column = 0;
	}
	fprintf(out, "%*s", (int)(width - column), "");
	right_text(row, right, sizeof(right));
	wrap_print(out, right, width, width);
}

/* Each line of `usage` is one way to call the command. */
static void print_usage(FILE *out, const char *usage)
{
	const char *lead = "Usage: ";

	while (*usage) {
		size_t len = strcspn(usage, "\n");

		fprintf(out, "%s%.*s\n", lead, (int)len, usage);
		usage += len + (usage[len] == '\n');
		lead = "       ";
	}
}

void help_print(FILE *out, const char *usage, const char *summary,
		const struct opt_group *groups, size_t groups_n)
{
	size_t width = left_width(groups, groups_n);

	print_usage(out, usage);
	putc('\n', out);
	wrap_print(out, summary, 0, 0);
	for (size_t g = 0; g < groups_n; g++) {
		if (!groups[g].title || !groups[g].n)
			continue;
		if (groups[g].rows[0].type != OPT_HEADING)
			print_title(out, groups[g].title);
		for (size_t i = 0; i < groups[g].n; i++)
			print_row(out, &groups[g].rows[i], width);
	}
}
