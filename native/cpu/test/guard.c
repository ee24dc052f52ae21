// Files that change while they are mapped.
#define _GNU_SOURCE
#include "checks.h"

#if defined(_WIN32)
void test_cut_off_file(void) {
}
#else
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

// A file that is cut off while it is mapped: every product says so, in any thread's turn, and the next is right again.
void test_cut_off_file(void) {
    enum { ROWS = 40, DEPTH = 768, LANES = 16 };
    const size_t bytes = sizeof(float) * ROWS * DEPTH;
    char name[] = "/tmp/bert4j-test-XXXXXX";
    int file = mkstemp(name);
    if (file < 0 || unlink(name) != 0 || ftruncate(file, (off_t) bytes) != 0) {
        printf("not run: a file that is cut off, as there is none\n");
        return;
    }
    void *w = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
    static float x[DEPTH * LANES], y[ROWS * LANES], scales[ROWS], x_scales[LANES];
    static struct bert4j_row known[ROWS + 1];
    static float widened_rows[ROWS * DEPTH];
    const int step = 4 * DEPTH;
    check(bert4j_guard() == 0 && bert4j_guard() == 0, "guard", "twice", 0, 0, 0, 0);
    for (int cut = 0; cut < 2; cut++) {
        if (cut && ftruncate(file, 4096) != 0) {
            break;
        }
        for (int again = 0; again < 2; again++) {
            check(bert4j_guarded_f32(bert4j_gemm_f32_portable, w, step, ROWS, DEPTH, x, LANES, LANES, y, NULL)
                    == cut, "guard", "fp32", ROWS, DEPTH, LANES, LANES);
            check(bert4j_guarded_s8(bert4j_gemm_s8_portable, w, step, ROWS, DEPTH, scales, known, x, x_scales, LANES,
                    LANES, y) == cut, "guard", "int8", ROWS, DEPTH, LANES, LANES);
            check(bert4j_guarded_bf16(bert4j_gemm_bf16_portable, w, step, ROWS, DEPTH, x, LANES, LANES, y) == cut,
                    "guard", "bf16", ROWS, DEPTH, LANES, LANES);
            check(bert4j_guarded_widen(bert4j_widen_portable, w, BERT4J_STORED_S8, ROWS, DEPTH, scales, NULL, widened_rows)
                    == cut, "guard", "widened", ROWS, DEPTH, 0, 0);
            check(bert4j_guarded_rows_s8(bert4j_rows_s8_portable, w, step, ROWS, DEPTH, 0, known) == cut, "guard", "rows",
                    ROWS, DEPTH, 0, 0);
#if defined(__x86_64__)
            if (bert4j_features() & BERT4J_AVX2) {
                check(bert4j_guarded_rows_s8(bert4j_rows_s8_avx2, w, step, ROWS, DEPTH, 0, known) == cut, "guard",
                        "rows of AVX2", ROWS, DEPTH, 0, 0);
                check(bert4j_guarded_stored_f32(bert4j_gemm_stored_f32_avx2, w, BERT4J_STORED_BF16, ROWS, DEPTH, NULL,
                        NULL, x, LANES, LANES, y) == cut, "guard", "stored", ROWS, DEPTH, LANES, LANES);
            }
#endif
            check(bert4j_guarded_split(bert4j_split_bf16x3_portable, w, step, ROWS, DEPTH, widened_rows) == cut,
                    "guard", "split", ROWS, DEPTH, 0, 0);
        }
    }
    check(bert4j_keep_signals() == 0, "signals", "kept", 0, 0, 0, 0);
    void (*handler)(int) = signal(SIGFPE, SIG_IGN);
    signal(SIGBUS, SIG_DFL);
    check(bert4j_restore_signals() == 0 && signal(SIGFPE, handler) == handler, "signals", "restored", 0, 0, 0, 0);
    check(bert4j_guarded_rows_s8(bert4j_rows_s8_portable, w, step, ROWS, DEPTH, 0, known) == 1, "guard",
            "behind others", ROWS, DEPTH, 0, 0);
    munmap(w, bytes);
    close(file);
}
#endif
