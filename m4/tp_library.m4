# SPDX-License-Identifier: BSD-2-Clause
# Libraries that must be there.

# TP_LIBRARY(VARIABLE, MODULE, HEADER, LIBRARY, FUNCTION, DEBIAN-PACKAGE)
# Sets VARIABLE_CFLAGS and VARIABLE_LIBS from pkg-config, or where that does
# not know the module, from the header and the library themselves. What is
# missing is gathered for TP_LIBRARIES_DONE.
AC_DEFUN([TP_LIBRARY], [
	PKG_CHECK_MODULES([$1], [$2], [],
		[TP_LIBRARY_BARE([$1], [$2], [$3], [$4], [$5], [$6])])
])

# TP_LIBRARY_CONFIG(VARIABLE, PROGRAM, HEADER, LIBRARY, FUNCTION, PACKAGE)
# The same for a library which is described by a program of its own instead
# of a pkg-config file; the program may be missing too.
AC_DEFUN([TP_LIBRARY_CONFIG], [
	AC_PATH_PROG([$1_CONFIG], [$2])
	AS_IF([test -n "$$1_CONFIG"], [
		tp_config_cflags=`$$1_CONFIG --cflags`
		tp_config_libs=`$$1_CONFIG --libs`
	])
	TP_LIBRARY_BARE([$1], [lib$4], [$3], [$4], [$5], [$6])
])

AC_DEFUN([TP_LIBRARY_BARE], [
	AC_ARG_VAR([$1_CFLAGS], [C compiler flags for $2])
	AC_ARG_VAR([$1_LIBS], [linker flags for $2])
	tp_found=no
	tp_saved_CPPFLAGS=$CPPFLAGS
	AS_VAR_SET_IF([$1_CFLAGS], [], [$1_CFLAGS=$tp_config_cflags])
	CPPFLAGS="$CPPFLAGS $$1_CFLAGS"
	AC_CHECK_HEADER([$3], [
		AC_CHECK_LIB([$4], [$5], [tp_found=yes], [], [$$1_LIBS])])
	CPPFLAGS=$tp_saved_CPPFLAGS
	AS_VAR_SET_IF([$1_LIBS], [], [$1_LIBS=${tp_config_libs:--l$4}])
	AS_IF([test $tp_found = no], [AS_VAR_APPEND([tp_missing], ["
  m4_normalize([$2]): on Debian, apt-get install $6"])])
	tp_config_cflags= tp_config_libs=
])

AC_DEFUN([TP_LIBRARIES_DONE], [
	AS_IF([test -n "$tp_missing"],
		[AC_MSG_ERROR([these libraries, with their headers, are missing:
$tp_missing
])])
])
