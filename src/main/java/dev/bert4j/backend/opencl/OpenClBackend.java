package dev.bert4j.backend.opencl;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Device;
import dev.bert4j.backend.DeviceMemoryException;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.Session;
import dev.bert4j.weights.WeightTensor;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs on an OpenCL device. Every call has a queue and memory of its own, so that callers need not wait for each other;
 * the device takes their kernels as they come. A session is opened and closed by one thread.
 */
public final class OpenClBackend implements Backend {
    /** The name that chooses it. */
    public static final String NAME = "opencl";
    /** All names that choose it: with the number of a device, with a precision of its tensor cores, or both. */
    public static final String NAMES = NAME + "(:[0-9]{1,4})?(:(bf16|tf32|tf32x3))?";
    /** Sessions that wait for the next call with their memory. */
    private static final int MOST_IDLE = 4;

    /**
     * PoCL, OpenCL on the CPU, ends the process where several threads run a kernel for the first time at the same
     * moment: it compiles it then, for the sizes at hand. So its calls wait for each other.
     */
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private final OpenClDevice device;
    private final Precision precision;
    private final List<TensorTile> tensorTiles;
    private final DeviceContext context;
    private final Programs programs;
    private final GemmTiles tiles;
    private final long uploads;
    private final KeyValueStore kept;
    private final Map<WeightTensor, OpenClParameter> parameters = new IdentityHashMap<>();
    private final ArrayDeque<OpenClSession> idle = new ArrayDeque<>();
    private int open;
    private boolean closed;
    private boolean released;

    private OpenClBackend(OpenClDevice device, Precision precision, boolean emulated) {
        this.device = device;
        this.precision = precision;
        tensorTiles = TensorTile.all(precision, emulated).stream().filter(tile -> tile.fits(device)).toList();
        context = new DeviceContext(device);
        ProgramCache cache = ProgramCache.ofUser();
        programs = new Programs(context, cache);
        try {
            uploads = context.createQueue();
        } catch (Throwable e) {
            context.release();
            throw e;
        }
        tiles = new GemmTiles(context, programs, cache);
        kept = new KeyValueStore(context, uploads, device.memory() / 4, this::releaseIdle);
    }

    /** All devices, also those that cannot be used; none where there is no OpenCL. */
    public static List<Device> devices() {
        return OpenClDevice.all().stream().map(OpenClDevice::describe).toList();
    }

    /** Why this JVM has no OpenCL at all, if so. */
    public static Optional<String> refusal() {
        return OpenCl.refusal();
    }

    /**
     * Opens a device.
     *
     * @param number its number, or −1 for the first GPU, or else the first of any kind
     * @throws IllegalStateException if it cannot be had; the message, a clause, says why
     */
    public static OpenClBackend onDevice(int number) {
        return checked(DeviceChoice.of(number, Precision.FP32), Precision.FP32, false);
    }

    /**
     * Opens what one of the {@link #NAMES} says. A precision is that of the products of weights, by tensor cores; it
     * is checked on the device before it is used.
     *
     * @throws IllegalStateException if it cannot be had; the message, a clause, says why
     */
    public static OpenClBackend named(String name) {
        Matcher parts = Pattern.compile(NAMES).matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + name + "' does not match " + NAMES + ".");
        }
        int number = parts.group(1) == null ? -1 : Integer.parseInt(parts.group(1).substring(1));
        Precision precision = Precision.named(parts.group(3));
        return checked(DeviceChoice.of(number, precision), precision, false);
    }

    /** With the instruction of the tensor cores written out, on a device that need not have any; for tests. */
    static OpenClBackend emulated(Precision precision) {
        return checked(DeviceChoice.of(-1, Precision.FP32), precision, true);
    }

    private static OpenClBackend checked(OpenClDevice device, Precision precision, boolean emulated) {
        if (precision != Precision.FP32) {
            // All but the products is as ever, and checked as ever.
            onDevice(device.number()).close();
        }
        OpenClBackend backend = new OpenClBackend(device, precision, emulated);
        try {
            SelfTest.fault(backend, device).ifPresent(fault -> {
                throw new IllegalStateException(device.name() + (precision == Precision.FP32 ? " cannot be used: "
                        : " cannot compute in " + precision + ": ") + fault);
            });
            return backend;
        } catch (Throwable e) {
            backend.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return NAME + precision.suffix();
    }

    @Override
    public String device() {
        return device.describe().name() + precision.suffix();
    }

    @Override
    public String description() {
        return "OpenCL device " + device.number() + ", " + device.name() + ", " + device.computeUnits()
                + (device.computeUnits() == 1 ? " compute unit" : " compute units")
                + (precision == Precision.FP32 ? "" : ", products in " + precision + " by tensor cores");
    }

    /** Whether its bits are those of the other backends. */
    public boolean isExact() {
        return device.exact() && precision == Precision.FP32;
    }

    /** The ways to cut products of its precision, where that is not fp32. */
    List<TensorTile> tensorTiles() {
        return tensorTiles;
    }

    /** Brings a weight up; one that several modules share goes up once. */
    @Override
    public synchronized Parameter parameter(WeightTensor weight) {
        requireOpen();
        return parameters.computeIfAbsent(weight, w -> {
            try {
                return OpenClParameter.upload(context, uploads, w);
            } catch (DeviceMemoryException e) {
                releaseIdle();
                return OpenClParameter.upload(context, uploads, w);
            }
        });
    }

    /** How products of that many tokens are cut on this device. */
    ProductTile tile(int tokens, int outputs) {
        return precision == Precision.FP32 ? tiles.of(tokens)
                : TensorTile.choose(tensorTiles, tokens, outputs, device.computeUnits());
    }

    @Override
    public Session open(int tokens) {
        // Who waits is let in already, and served even if this is closed meanwhile.
        enter();
        if (device.isPocl()) {
            ONE_AT_A_TIME.lock();
        }
        try {
            return take();
        } catch (Throwable e) {
            leave();
            unlock();
            throw e;
        }
    }

    private synchronized void enter() {
        requireOpen();
        open++;
    }

    private synchronized void leave() {
        open--;
        releaseIfDone();
    }

    private synchronized Session take() {
        return idle.isEmpty() ? new OpenClSession(this, context, programs, kept) : idle.pop();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The backend is closed.");
        }
    }

    private void unlock() {
        if (device.isPocl()) {
            ONE_AT_A_TIME.unlock();
        }
    }

    void giveBack(OpenClSession session) {
        try {
            putAway(session);
        } finally {
            unlock();
        }
    }

    private synchronized void putAway(OpenClSession session) {
        try {
            if (closed || !session.isWhole() || idle.size() >= MOST_IDLE) {
                session.release(context);
            } else {
                idle.push(session);
            }
        } finally {
            leave();
        }
    }

    /** Releases the memory that waits for later calls, or moves to the host what is in it. */
    synchronized void releaseIdle() {
        idle.forEach(OpenClSession::releaseFree);
        kept.putOut();
    }

    /** Calls that run finish; the last of them releases the device. */
    @Override
    public synchronized void close() {
        closed = true;
        releaseIfDone();
    }

    private void releaseIfDone() {
        if (!closed || open > 0 || released) {
            return;
        }
        released = true;
        idle.forEach(session -> session.release(context));
        idle.clear();
        parameters.values().forEach(parameter -> context.releaseBuffer(parameter.buffer()));
        parameters.clear();
        kept.close();
        programs.release();
        context.releaseQueue(uploads);
        context.release();
    }
}
