/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system lets one process have. */
#ifndef TP_IO_LIMIT_H
#define TP_IO_LIMIT_H

#include "base/base.h"

/* As many open files as it allows; harmless where it allows no more. */
void limit_raise_files(void);

#endif
