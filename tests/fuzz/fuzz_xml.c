/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: a description. */
#include <libxml/parser.h>

#include "back.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_reader(xldm__domain_read_memory, data, size);
    xmlResetLastError();
    return 0;
}
