package dev.bert4j.backend.opencl;

import static org.lwjgl.system.MemoryUtil.NULL;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.lwjgl.opencl.CL10;

/**
 * How matrix products are cut on a device, for few tokens and for many. On a GPU each way is measured once, at first
 * use, and the answer kept with the built programs; the bits are the same for all of them.
 */
final class GemmTiles {
    /** Up to so many tokens are few. */
    private static final int FEW = 64;
    private static final int MANY = 2048;
    private static final int SIZE = 768;
    private static final int REPEATS = 5;
    /** Of 1 + |value|, where a device does not promise the bits. */
    private static final float TOLERANCE = 1e-4f;

    private final DeviceContext context;
    private final Programs programs;
    private final ProgramCache cache;
    private GemmTile few;
    private GemmTile many;

    GemmTiles(DeviceContext context, Programs programs, ProgramCache cache) {
        this.context = context;
        this.programs = programs;
        this.cache = cache;
    }

    /** The way for that many tokens. */
    synchronized GemmTile of(int tokens) {
        if (tokens <= FEW) {
            few = few == null ? choose(GemmTile.SMALL, FEW / 2) : few;
            return few;
        }
        many = many == null ? choose(GemmTile.LARGE, MANY) : many;
        return many;
    }

    private GemmTile choose(List<GemmTile> candidates, int tokens) {
        List<GemmTile> fitting = candidates.stream().filter(tile -> tile.fits(context.device())).toList();
        // A CPU behind OpenCL serves for tests; it is not worth the seconds.
        return !context.device().isGpu() ? fitting.getFirst() : fastest(fitting, tokens);
    }

    /** The fastest, by what was measured before or is now. */
    GemmTile fastest(List<GemmTile> candidates, int tokens) {
        String key = ProgramCache.key(KernelSources.of(KernelSources.GEMM) + candidates, "tile for " + tokens,
                context.device());
        byte[] kept = cache.read(key);
        if (kept != null) {
            String name = new String(kept, StandardCharsets.UTF_8);
            for (GemmTile tile : candidates) {
                if (tile.toString().equals(name)) {
                    return tile;
                }
            }
        }
        GemmTile best = measure(candidates, tokens);
        cache.write(key, best.toString().getBytes(StandardCharsets.UTF_8));
        return best;
    }

    private GemmTile measure(List<GemmTile> candidates, int tokens) {
        long queue = context.createQueue();
        BufferPool pool = new BufferPool(context, () -> { });
        Kernels kernels = new Kernels(context, programs);
        try {
            Transfers transfers = new Transfers(queue, pool);
            float[] xs = values(tokens * SIZE);
            float[] ws = values(SIZE * SIZE);
            long x = transfers.up(xs);
            long w = transfers.up(ws);
            long y = transfers.up(new float[tokens * SIZE]);
            GemmTile best = null;
            long least = Long.MAX_VALUE;
            for (GemmTile tile : candidates) {
                long nanos = time(tile, kernels, queue, new long[] {x, w, y}, tokens);
                if (nanos < least && isRight(xs, ws, transfers.down(y, new float[tokens * SIZE]))) {
                    least = nanos;
                    best = tile;
                }
            }
            if (best == null) {
                throw new IllegalStateException("None of the ways to cut a matrix product runs on the OpenCL device "
                        + context.device().name() + ".");
            }
            return best;
        } finally {
            CL10.clFinish(queue);
            kernels.release();
            pool.release();
            context.releaseQueue(queue);
        }
    }

    private static float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i * 31 % 97 - 48) / 32f;
        }
        return values;
    }

    /** Whether some of the products are what they must be: compilers of drivers have faults. */
    private boolean isRight(float[] x, float[] w, float[] y) {
        for (int at = 0; at < y.length; at += 1009) {
            float sum = 0;
            for (int k = 0; k < SIZE; k++) {
                sum = Math.fma(w[at % SIZE * SIZE + k], x[at / SIZE * SIZE + k], sum);
            }
            float allowed = context.device().exact() ? 0 : TOLERANCE * (1 + Math.abs(sum));
            if (!(Math.abs(y[at] - sum) <= allowed)) {
                return false;
            }
        }
        return true;
    }

    /** The least time of some runs; a way that the driver cannot build or run takes forever. */
    private static long time(GemmTile tile, Kernels kernels, long queue, long[] buffers, int tokens) {
        long least = Long.MAX_VALUE;
        try {
            for (int i = 0; i <= REPEATS; i++) {
                long begin = System.nanoTime();
                kernels.get(KernelSources.GEMM, tile.macros() + " -DACTIVATION=f_linear", "gemm").buffer(buffers[0])
                        .buffer(buffers[1]).buffer(NULL).buffer(NULL).buffer(buffers[2])
                        .ints(tokens, SIZE, SIZE, 0, 0)
                        .run(queue, Math.ceilDiv(SIZE, tile.bn()), tile.itemsN(), Math.ceilDiv(tokens, tile.bm()),
                                tile.itemsM());
                Errors.check(CL10.clFinish(queue), "clFinish");
                least = i == 0 ? least : Math.min(least, System.nanoTime() - begin);
            }
        } catch (IllegalStateException e) {
            return Long.MAX_VALUE;
        }
        return least;
    }
}
