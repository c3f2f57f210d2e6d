/* SPDX-License-Identifier: BSD-2-Clause */
/* Completion asks the table of commands, and this host for what it has. */
#include "cli/complete.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "cmd/command.h"
#include "io/sockaddr.h"

static void offer_commands(struct complete *c)
{
	for (size_t i = 0; i < command_count(); i++) {
		struct command command = command_at(i);

		complete_offer(c, command.name, command.summary);
	}
}

static void offer_verdicts(struct complete *c, const struct probe *p)
{
	for (size_t i = 0; p && i < p->verdicts_n; i++)
		complete_offer_part(c, p->verdicts[i].name,
				    p->verdicts[i].meaning);
}

/* Every interface has one entry of this family, addresses or not. */
static void offer_interface(struct complete *c, const struct ifaddrs *entry)
{
	if (entry->ifa_addr && entry->ifa_addr->sa_family == AF_PACKET)
		complete_offer(c, entry->ifa_name,
			       entry->ifa_flags & IFF_UP ? "up" : "down");
}

static void offer_address(struct complete *c, const struct ifaddrs *entry)
{
	struct endpoint e;
	char text[ADDR_TEXT_MAX], about[IF_NAMESIZE + 4];

	if (!entry->ifa_addr || sockaddr_to(entry->ifa_addr, &e))
		return;
	snprintf(about, sizeof(about), "on %s", entry->ifa_name);
	complete_offer(c, addr_format(&e.addr, text), about);
}

static void offer_own(struct complete *c,
		      void (*offer)(struct complete *c,
				    const struct ifaddrs *entry))
{
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return;
	for (const struct ifaddrs *entry = all; entry; entry = entry->ifa_next)
		offer(c, entry);
	freeifaddrs(all);
}

static void offer_words(struct complete *c, const struct command *command)
{
	for (size_t i = 0;; i++) {
		struct command_word w = command->word(i);

		if (!w.name)
			return;
		complete_offer(c, w.name, w.about);
	}
}

static void offer_operand(struct complete *c, const struct command *command)
{
	switch (command->operand) {
	case OPERAND_TARGETS:
		/* A port, a prefix and a bracket are for the user to write. */
		if (!strpbrk(c->word, ":/["))
			complete_by_shell(c, "hosts");
		break;
	case OPERAND_WORD:
		if (!c->operands)
			offer_words(c, command);
		break;
	case OPERAND_COMMAND:
		if (!c->operands)
			offer_commands(c);
		break;
	}
}

static void offer(const void *arg, const struct opt *row, struct complete *c)
{
	const struct command *command = arg;

	if (!row) {
		offer_operand(c, command);
		return;
	}
	switch (row->hint) {
	case HINT_INTERFACE:
		offer_own(c, offer_interface);
		break;
	case HINT_ADDRESS:
		offer_own(c, offer_address);
		break;
	case HINT_VERDICTS:
		offer_verdicts(c, command->probe);
		break;
	case HINT_FILE: /* the shell's affair */
	case HINT_NONE:
	case HINT_N:
		break;
	}
}

/* What stands in the place of a command takes the operands of help. */
static const char *command_name(const char *word)
{
	bool help = strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;

	return help ? "help" : word;
}

static void complete_command(int argc, char *const *argv, FILE *out)
{
	struct opt_group groups[COMMAND_GROUPS_MAX];
	struct command command;
	struct complete_source source = {
		.groups = groups,
		.offer = offer,
		.arg = &command,
	};

	if (command_find(command_name(argv[0]), &command, NULL))
		return;
	source.groups_n = command_groups(&command, groups);
	complete_args(&source, argc, argv, out);
}

static void offer_first(const void *arg, const struct opt *row,
			struct complete *c)
{
	(void)arg;
	(void)row; /* none has a hint */
	offer_commands(c);
}

void cmd_complete(int argc, char *const *argv, FILE *out)
{
	struct opt_group instead = command_instead_group(NULL);
	struct complete_source source = {
		.groups = &instead,
		.groups_n = 1,
		.offer = offer_first,
	};

	if (argc > 2)
		complete_command(argc - 1, argv + 1, out);
	else
		complete_args(&source, argc, argv, out);
}
