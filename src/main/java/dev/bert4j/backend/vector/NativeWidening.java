package dev.bert4j.backend.vector;

import static dev.bert4j.backend.cpu.Floats.segmentOrNull;

import dev.bert4j.backend.cpu.CpuParameter;
import dev.bert4j.backend.cpu.Floats;
import dev.bert4j.backend.nativecpu.FloatKernels;
import dev.bert4j.backend.nativecpu.FloatKernels.Stored;
import dev.bert4j.weights.DType;
import dev.bert4j.weights.WeightTensor;

/** {@link Widening} in C; types that are rare are left to the Vector API. */
final class NativeWidening implements Widening {
    private final FloatKernels natives;
    private final NativeKernelSet kernels;

    NativeWidening(FloatKernels natives, NativeKernelSet kernels) {
        this.natives = natives;
        this.kernels = kernels;
    }

    /** As what the C kernels know a weight; null where they do not. */
    static Stored stored(WeightTensor weight) {
        return weight.scales() != null ? Stored.S8 : weight.dtype() == DType.BF16 ? Stored.BF16
                : weight.dtype() == DType.F16 ? Stored.F16 : null;
    }

    @Override
    public void widen(CpuParameter parameter, int row, int rows, Floats to, int slice, int step, byte[] staging) {
        WeightTensor weight = parameter.tensor();
        Stored stored = stored(weight);
        int columns = (int) (weight.numElements() / weight.size(0));
        if (stored == null || slice < columns || step > columns) {
            kernels.others().widening().widen(parameter, row, rows, to, slice, step, staging);
            return;
        }
        long from = (long) row * columns * weight.dtype().bits() / Byte.SIZE;
        natives.widen(weight.data(), from, stored, rows, columns,
                weight.scales() == null ? null : weight.scales().data(), (long) Float.BYTES * row,
                segmentOrNull(parameter.columnScales()), to.segment(), 0);
    }
}
