package dev.bert4j.backend.vector;

import dev.bert4j.backend.ActivationFunction;
import dev.bert4j.backend.LinearWeights;
import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.cpu.Workers;

/**
 * The product of token panels and a weight, split among the workers and into blocks for the caches. What follows a
 * product is done with each block while it is in the cache. A block of rows is multiplied with all panels; where these
 * are too many to stay in the cache beside it, each is fetched while the one before is multiplied.
 */
final class PanelProduct implements Workers.Task {
    /** Parts of a product for each thread, at least, so that one that is held up does not hold up the others. */
    private static final int PARTS_PER_THREAD = 2;
    /** The same where there are no equal shares, so that threads end together all the same. */
    private static final int PARTS_WITHOUT_SHARES = 4;
    /** Panels that rows of weights should at least be multiplied with, once they are in the cache. */
    private static final int LEAST_PANELS = 2;

    private final Workers workers;
    private final RowProduct product;
    private final RowParts parts = new RowParts();
    private final LinearWeights[] one = new LinearWeights[1];
    private final Panels[] outputOfOne = new Panels[1];
    private Kernels kernels;
    private LinearWeights[] linears;
    private Panels[] ys;
    private Panels residual;
    private ActivationFunction f;
    private int panelsEach;
    private boolean far;
    private int groups;

    PanelProduct(Workers workers, RowProduct product) {
        this.workers = workers;
        this.product = product;
    }

    /** {@link RowProduct#isOfHalves} of the last product. */
    boolean wasOfHalves() {
        return product.isOfHalves();
    }

    /** {@code y = f(x·Wᵀ + b)}; with a residual, {@code y = x·Wᵀ + b + residual}. */
    void run(Kernels with, Panels input, LinearWeights weights, Panels output, ActivationFunction function,
            Panels added) {
        one[0] = weights;
        outputOfOne[0] = output;
        run(with, input, one, outputOfOne, function, added);
    }

    /** {@code y = x·Wᵀ + b} of several weights that are alike, each with an output of its own. */
    void run(Kernels with, Panels input, LinearWeights[] weights, Panels[] outputs) {
        run(with, input, weights, outputs, ActivationFunction.LINEAR, null);
    }

    private void run(Kernels with, Panels input, LinearWeights[] weights, Panels[] outputs,
            ActivationFunction function, Panels added) {
        kernels = with;
        linears = weights;
        ys = outputs;
        f = function;
        residual = added;
        product.begin(with, input, weights, outputs);
        panelsEach = panelsEach(input.count());
        groups = Math.ceilDiv(input.count(), panelsEach);
        far = (long) panelsEach * input.features() * input.lanes() * Float.BYTES > CacheBlock.BYTES;
        boolean equal = haveEqualShares();
        shareRows(workers.threads() * (equal ? PARTS_PER_THREAD : PARTS_WITHOUT_SHARES));
        int all = parts.count() * groups * weights.length;
        if (equal) {
            workers.runInTurns(all, this);
        } else {
            workers.run(all, this);
        }
    }

    /**
     * Panels of a part: as many for each thread, if there are some, so that parts are small enough for all threads to
     * end at the same time. Threads then share the weights that come from memory, as they are at the same rows; and if
     * there are as many groups of panels as threads, each begins with those that it has in other operations, too.
     */
    private int panelsEach(int panels) {
        int share = product.inPlace() ? Math.clamp(panels / LEAST_PANELS, 1, workers.threads()) : 1;
        return Math.max(Math.ceilDiv(panels, share), 1);
    }

    /** Whether all groups have as many vectors, and as many threads. */
    private boolean haveEqualShares() {
        return groups == 1 || workers.threads() % groups == 0 && ys[0].count() % groups == 0
                && ys[0].areFull(kernels.vectorLanes());
    }

    /**
     * A part of many rows is faster to read from memory. So one thread has no more parts than it must, and what must
     * stay in the cache is a part's rows of weights where they are read more than once, and else its values.
     */
    private void shareRows(int wanted) {
        int bytes = product.readsOnce() && ys[0].count() == 1 ? Float.BYTES * ys[0].lanes() : product.rowBytes();
        int threads = Math.max(workers.threads() / groups, 1);
        int least = workers.threads() == 1 ? 1 : Math.ceilDiv(wanted, threads * groups * linears.length);
        parts.share(linears[0].out(), product.tileRows(), product.rowBytes(), threads, least, CacheBlock.BYTES / bytes);
    }

    @Override
    public void run(int part, int worker) {
        int group = part % groups;
        int weight = part / groups / parts.count();
        int within = part / groups % parts.count();
        Panels y = ys[weight];
        int row = parts.start(within);
        int rows = parts.rows(within);
        int first = group * panelsEach;
        int end = Math.min(first + panelsEach, y.count());
        product.rows(weight, row, rows, worker);
        for (int panel = first; panel < end; panel++) {
            int vectors = y.vectors(panel, kernels.vectorLanes());
            product.multiply(weight, panel, far && panel + 1 < end ? panel + 1 : -1, row, rows, vectors, worker);
            finish(linears[weight], y, panel, row, rows, vectors);
        }
    }

    /** What follows the product. */
    private void finish(LinearWeights linear, Panels y, int panel, int row, int rows, int vectors) {
        int at = y.at(panel, row);
        Floats bias = linear.bias() == null ? null : ((CpuParameter) linear.bias()).vector();
        if (residual != null) {
            kernels.pointwise().addResidual(y.floats(), at, y.lanes(), rows, vectors, bias, row, residual.floats(),
                    residual.at(panel, row));
        } else {
            product.activation(kernels, f).activate(y.floats(), at, y.lanes(), rows, vectors, bias, row, f);
        }
    }
}
