# SPDX-License-Identifier: BSD-2-Clause
# Compiler and linker flags that are used only where they work.

# TP_COMPILER_FLAGS(VARIABLE, FLAG...)
# Appends each flag that the compiler takes without a word, behind those that
# are there already. The test program includes a system header, so that a flag
# which makes those speak (such as _FORTIFY_SOURCE without optimisation) is
# refused too.
AC_DEFUN([TP_COMPILER_FLAGS], [
	m4_foreach_w([tp_flag], [$2],
		[TP_FLAG_([$1], m4_defn([tp_flag]), [CFLAGS])])
])

# TP_LINKER_FLAGS(VARIABLE, FLAG...)
AC_DEFUN([TP_LINKER_FLAGS], [
	m4_foreach_w([tp_flag], [$2],
		[TP_FLAG_([$1], m4_defn([tp_flag]), [LDFLAGS])])
])

# TP_FLAG_(VARIABLE, FLAG, CFLAGS | LDFLAGS)
# One flag. The user's variable is borrowed for the test and given back.
m4_define([TP_FLAG_], [
	AS_VAR_PUSHDEF([tp_cache], [tp_cv_flag_$2])
	AC_CACHE_CHECK([whether $CC takes $2], [tp_cache], [
		tp_saved_$3=$$3
		$3="$$3 -Werror $$1 $2"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]],
			[[char line[8]; memset(line, 0, sizeof(line));
			  return line[0];]])],
			[AS_VAR_SET([tp_cache], [yes])],
			[AS_VAR_SET([tp_cache], [no])])
		$3=$tp_saved_$3
	])
	AS_VAR_IF([tp_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([tp_cache])
])
