/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of the model's faults. */
#include "tests/model/faults.h"

#include <string.h>

#define ROW(id, fault_name, fault_rule) \
	[MODEL_##id] = { .name = fault_name, .rule = fault_rule },
static const struct {
	const char *name;
	const char *rule;
} faults[] = { MODEL_FAULTS(ROW) };
#undef ROW

static_assert(ARRAY_LEN(faults) == MODEL_FAULT_N, "a row a fault");

const char *model_fault_name(enum model_fault fault)
{
	return faults[fault].name;
}

const char *model_fault_rule(enum model_fault fault)
{
	return faults[fault].rule;
}

enum model_fault model_fault_find(const char *name)
{
	unsigned i = 0;

	while (i < MODEL_FAULT_N && strcmp(faults[i].name, name) != 0)
		i++;
	return (enum model_fault)i;
}
