/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's report: lines on Xen's debug port, seen by `xl dmesg`. */
#include <stdarg.h>

#include "guest.h"

#define XEN_DEBUG_PORT 0xe9

const char *report_tag = "";

static void put(char c)
{
    outb(XEN_DEBUG_PORT, (uint8_t)c);
}

static void put_string(const char *s)
{
    while (*s)
        put(*s++);
}

static void put_hex(uint32_t value, int digits)
{
    if (digits == 0)
        for (digits = 1; digits < 8 && value >> (digits * 4);)
            digits++;
    while (digits-- > 0)
        put("0123456789abcdef"[value >> (digits * 4) & 15]);
}

static void put_decimal(uint32_t value)
{
    if (value >= 10)
        put_decimal(value / 10);
    put((char)('0' + value % 10));
}

void say(const char *format, ...)
{
    va_list args;

    put_string(report_tag);
    put(' ');
    va_start(args, format);
    for (; *format; format++) {
        int digits = 0;

        if (*format != '%') {
            put(*format);
            continue;
        }
        for (format++; *format >= '0' && *format <= '9'; format++)
            digits = *format - '0';
        if (*format == 's')
            put_string(va_arg(args, const char *));
        else if (*format == 'c')
            put((char)va_arg(args, int));
        else if (*format == 'u')
            put_decimal(va_arg(args, uint32_t));
        else
            put_hex(va_arg(args, uint32_t), digits);
    }
    va_end(args);
    put('\n');
}

static uint32_t crc_step(uint32_t crc, uint8_t byte)
{
    int bit;

    crc ^= (uint32_t)byte << 24;
    for (bit = 0; bit < 8; bit++)
        crc = crc << 1 ^ (crc & 0x80000000 ? 0x04c11db7 : 0);
    return crc;
}

uint32_t cksum(const volatile void *data, uint32_t size)
{
    const volatile uint8_t *bytes = data;
    uint32_t crc = 0, i;

    for (i = 0; i < size; i++)
        crc = crc_step(crc, bytes[i]);
    for (i = size; i; i >>= 8)
        crc = crc_step(crc, (uint8_t)i);
    return ~crc;
}

/* gcc calls these for structs and arrays, even in freestanding code. */
void *memset(void *to, int value, unsigned int size);
void *memcpy(void *restrict to, const void *restrict from, unsigned int size);

void *memset(void *to, int value, unsigned int size)
{
    volatile char *p = to;

    while (size--)
        *p++ = (char)value;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, unsigned int size)
{
    volatile char *p = to;
    const char *q = from;

    while (size--)
        *p++ = *q++;
    return to;
}
