/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: an xl.cfg. */
#include "back.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_reader(xldm__cfg_read_memory, data, size);
    return 0;
}
