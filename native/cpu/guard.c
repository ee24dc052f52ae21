// Products of weights in a mapped file. Where a file is cut off or a disk fails, reading it raises SIGBUS, and Java's
// handler knows how to go on in Java's own code only: in ours it would end the process. So this one comes first, leaves
// the product and lets it report the fault; what is not ours goes on to the handler that was there before.
#if !defined(_WIN32)
#define _GNU_SOURCE
#endif
#include "bert4j.h"

#if defined(_WIN32)
// Windows lets nobody shorten a file that is mapped.
int bert4j_guard(void) {
    return 0;
}

int bert4j_keep_signals(void) {
    return 0;
}

int bert4j_restore_signals(void) {
    return 0;
}

#define GUARDED(product)                                                                                               \
    product;                                                                                                           \
    return 0;
#else
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

// Where the product of this thread is left; null outside of products. A handler may not wait for memory to be found, so
// that it lies where every thread has it from the beginning.
#if defined(__linux__)
static __thread sigjmp_buf *volatile way_out __attribute__((tls_model("initial-exec")));
#else
static __thread sigjmp_buf *volatile way_out;
#endif
static struct sigaction before;

static void fault(int signal, siginfo_t *info, void *context) {
    if (way_out) {
        siglongjmp(*way_out, 1);
    }
    if (before.sa_flags & SA_SIGINFO) {
        pthread_sigmask(SIG_BLOCK, &before.sa_mask, NULL);
        before.sa_sigaction(signal, info, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        pthread_sigmask(SIG_BLOCK, &before.sa_mask, NULL);
        before.sa_handler(signal);
    } else {
        // The instruction runs again, and then its fault does what it would have done.
        sigaction(signal, &before, NULL);
    }
}

int bert4j_guard(void) {
    // The jump leaves the handler without the return that would take back a blocked signal: so none is blocked.
    struct sigaction ours = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    struct sigaction now;
    sigemptyset(&ours.sa_mask);
    if (sigaction(SIGBUS, NULL, &now) != 0) {
        return 1;
    }
    if ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == fault) {
        return 0;
    }
    before = now;
    return sigaction(SIGBUS, &ours, NULL) != 0;
}

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
static struct sigaction kept[sizeof signals / sizeof *signals];

int bert4j_keep_signals(void) {
    int failed = 0;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        failed |= sigaction(signals[i], NULL, &kept[i]) != 0;
    }
    return failed;
}

int bert4j_restore_signals(void) {
    int failed = 0;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        failed |= sigaction(signals[i], &kept[i], NULL) != 0;
    }
    return failed;
}

#define GUARDED(product)                                                                                               \
    sigjmp_buf out;                                                                                                    \
    if (sigsetjmp(out, 0)) {                                                                                           \
        way_out = NULL;                                                                                                \
        return 1;                                                                                                      \
    }                                                                                                                  \
    way_out = &out;                                                                                                    \
    product;                                                                                                           \
    way_out = NULL;                                                                                                    \
    return 0;
#endif

int bert4j_guarded_f32(bert4j_gemm_f32 *gemm, const void *w, int64_t step, int rows, int depth, const float *x,
        int lanes, int used, float *y, const float *next) {
    GUARDED(gemm(w, step, rows, depth, x, lanes, used, y, next))
}

int bert4j_guarded_stored_f32(bert4j_gemm_stored_f32 *gemm, const void *w, int stored, int rows, int depth,
        const float *scales, const float *columns, const float *x, int lanes, int used, float *y) {
    GUARDED(gemm(w, stored, rows, depth, scales, columns, x, lanes, used, y))
}

int bert4j_guarded_s8(bert4j_gemm_s8 *gemm, const void *w, int64_t step, int rows, int depth, const float *w_scales,
        const struct bert4j_row *known, const void *q, const float *x_scales, int lanes, int used, float *y) {
    GUARDED(gemm(w, step, rows, depth, w_scales, known, q, x_scales, lanes, used, y))
}

int bert4j_guarded_bf16(bert4j_gemm_bf16 *gemm, const void *w, int64_t step, int rows, int depth, const void *q,
        int lanes, int used, float *y) {
    GUARDED(gemm(w, step, rows, depth, q, lanes, used, y))
}

int bert4j_guarded_widen(bert4j_widen *widen, const void *w, int stored, int rows, int depth, const float *scales,
        const float *columns, float *to) {
    GUARDED(widen(w, stored, rows, depth, scales, columns, to))
}

int bert4j_guarded_split(bert4j_split_bf16x3 *split, const void *w, int64_t step, int rows, int depth, void *to) {
    GUARDED(split(w, step, rows, depth, to))
}

int bert4j_guarded_rows_s8(bert4j_rows_s8 *find, const void *w, int64_t step, int rows, int depth, int room,
        struct bert4j_row *known) {
    GUARDED(find(w, step, rows, depth, room, known))
}
