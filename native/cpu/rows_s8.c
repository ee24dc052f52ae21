// What products of bytes have to know of their rows: one for all processors, since it is done once.
#include "bert4j.h"

#include <stdlib.h>
#include <string.h>

static int32_t sum_of(const int8_t *row, int depth) {
    int32_t sum = 0;
    for (int k = 0; k < depth; k++) {
        sum += row[k];
    }
    return sum;
}

// Takes the weights of a group apart, and says whether it is to be listed.
static int take_apart(const int8_t *row, int depth, struct bert4j_wide *wide) {
    const int k = 4 * wide->group;
    int found = 0;
    memcpy(wide->w, row + k, depth - k < 4 ? depth - k : 4);
    memcpy(wide->part, wide->w, sizeof wide->w);
    for (int i = 0; i < 4; i += 2) {
        const int sum = wide->w[i] + wide->w[i + 1];
        if (abs(sum) > 128) {
            const int larger = abs(wide->w[i]) > abs(wide->w[i + 1]) ? i : i + 1;
            wide->rest[larger] = (int8_t) (sum > 0 ? sum - 128 : sum + 128);
            wide->part[larger] = (int8_t) (wide->w[larger] - wide->rest[larger]);
            found = 1;
        }
    }
    return found;
}

// How many groups of a row are listed; they are written, too, where `to` is not NULL.
static int list(const int8_t *row, int depth, struct bert4j_wide *to) {
    int count = 0;
    for (int group = 0; 4 * group < depth; group++) {
        struct bert4j_wide wide = {.group = group, .w = {0}, .rest = {0}};
        if (take_apart(row, depth, &wide)) {
            if (to) {
                to[count] = wide;
            }
            count++;
        }
    }
    return count;
}

void bert4j_rows_s8(const void *w, int64_t step, int rows, int depth, int room, struct bert4j_row *known) {
    struct bert4j_wide *const lists = (struct bert4j_wide *) (known + rows + 1);
    const int8_t *const bytes = w;
    int count = 0;
    for (int n = 0; n <= rows; n++) {
        known[n].sum = n < rows ? sum_of(bytes + n * step, depth) : 0;
        known[n].list = (int32_t) ((int32_t *) (lists + count) - (int32_t *) (known + n));
        count += room < 0 || n == rows ? 0 : list(bytes + n * step, depth, NULL);
    }
    if (count > room) {
        return;
    }
    for (int n = 0; n < rows; n++) {
        list(bytes + n * step, depth, (struct bert4j_wide *) ((int32_t *) (known + n) + known[n].list));
    }
}
