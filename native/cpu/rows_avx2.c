// What products of bytes with AVX2 have to know of their rows.
#include "bert4j.h"

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

// Two products with unsigned bytes, 255 at most, fit sixteen bits if the magnitude of the sum of their weights is no more
// than MOST: 255 * 128 = 32640, and the next is 32895. Where the signs differ it never is more.
enum { CHUNK = 32, MOST = 128 };

// Of two weights whose sum is too large, both of one sign, the larger one leaves the rest what is too much. The sum is 256
// at most, so that the rest is 128 at most.
static struct bert4j_wide taken_apart(const int8_t *w, int group) {
    struct bert4j_wide wide = {.group = group, .rest = {0}};
    memcpy(wide.part, w, sizeof wide.part);
    for (int i = 0; i < 4; i += 2) {
        const int sum = w[i] + w[i + 1];
        if (abs(sum) > MOST) {
            const int larger = abs(w[i]) > abs(w[i + 1]) ? i : i + 1;
            wide.rest[larger] = (int8_t) (sum > 0 ? sum - MOST : sum + MOST);
            wide.part[larger] = (int8_t) (w[larger] - wide.rest[larger]);
        }
    }
    return wide;
}

// Four bits for each group of a chunk, some of them set where it is to be listed.
static uint32_t found_in(const int8_t *w) {
    const __m256i sums = _mm256_maddubs_epi16(_mm256_set1_epi8(1), _mm256_loadu_si256((const __m256i *) w));
    return (uint32_t) _mm256_movemask_epi8(_mm256_cmpgt_epi16(_mm256_abs_epi16(sums), _mm256_set1_epi16(MOST)));
}

// How many groups of a row are to be listed; so many of them as `most` says are written.
static int list(const int8_t *row, int depth, struct bert4j_wide *to, int most) {
    int count = 0;
    for (int k = 0; k < depth; k += CHUNK) {
        const int8_t *w = row + k;
        int8_t last[CHUNK] = {0};
        if (depth - k < CHUNK) {
            memcpy(last, w, depth - k);
            w = last;
        }
        for (uint32_t found = found_in(w); found; count++) {
            const int group = __builtin_ctz(found) / 4;
            found &= ~(15u << 4 * group);
            if (count < most) {
                to[count] = taken_apart(w + 4 * group, k / 4 + group);
            }
        }
    }
    return count;
}

void bert4j_rows_s8_avx2(const void *w, int64_t step, int rows, int depth, int room, struct bert4j_row *known) {
    struct bert4j_wide *const lists = (struct bert4j_wide *) (known + rows + 1);
    const int8_t *const bytes = w;
    int count = 0;
    bert4j_rows_s8_portable(w, step, rows, depth, room, known);
    for (int n = 0; n <= rows; n++) {
        known[n].list = (int32_t) ((int32_t *) (lists + count) - (int32_t *) (known + n));
        count += n < rows ? list(bytes + n * step, depth, NULL, 0) : 0;
    }
    if (count > room) {
        return;
    }
    // Whoever writes into the file meanwhile may have numbers that are wrong, but nothing outside of the lists.
    memset(lists, 0, sizeof *lists * count);
    for (int n = 0; n < rows; n++) {
        struct bert4j_wide *const to = (struct bert4j_wide *) ((int32_t *) (known + n) + known[n].list);
        struct bert4j_wide *const end = (struct bert4j_wide *) ((int32_t *) (known + n + 1) + known[n + 1].list);
        list(bytes + n * step, depth, to, (int) (end - to));
    }
}
