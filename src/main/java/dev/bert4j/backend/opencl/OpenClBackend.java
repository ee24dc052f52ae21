package dev.bert4j.backend.opencl;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Device;
import dev.bert4j.backend.Parameter;
import dev.bert4j.backend.Session;
import dev.bert4j.weights.WeightTensor;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs on an OpenCL device. Every call has a queue and memory of its own, so that callers need not wait for each other;
 * the device takes their kernels as they come. A session is opened and closed by one thread.
 */
public final class OpenClBackend implements Backend {
    /** The name that chooses it; with a colon and a number, that device. */
    public static final String NAME = "opencl";
    /** Sessions that wait for the next call with their memory. */
    private static final int MOST_IDLE = 4;

    /**
     * PoCL, OpenCL on the CPU, ends the process where several threads run a kernel for the first time at the same
     * moment: it compiles it then, for the sizes at hand. So its calls wait for each other.
     */
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private final OpenClDevice device;
    private final DeviceContext context;
    private final Programs programs;
    private final GemmTiles tiles;
    private final long uploads;
    private final Map<WeightTensor, OpenClParameter> parameters = new IdentityHashMap<>();
    private final ArrayDeque<OpenClSession> idle = new ArrayDeque<>();
    private int open;
    private boolean closed;
    private boolean released;

    private OpenClBackend(OpenClDevice device) {
        this.device = device;
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
    }

    /** All devices, also those that cannot be used; none where there is no OpenCL. */
    public static List<Device> devices() {
        return OpenClDevice.all().stream().map(OpenClDevice::describe).toList();
    }

    /** Why this JVM has no OpenCL at all, if so. */
    public static Optional<String> refusal() {
        return OpenCl.refusal();
    }

    /** Whether there is a GPU that can be used. */
    public static boolean hasGpu() {
        return OpenClDevice.all().stream().anyMatch(device -> device.isGpu() && device.refusal() == null);
    }

    /**
     * Opens a device.
     *
     * @param number its number, or −1 for the first GPU, or else the first of any kind
     * @throws IllegalStateException if it cannot be had; the message, a clause, says why
     */
    public static OpenClBackend onDevice(int number) {
        refusal().ifPresent(reason -> {
            throw new IllegalStateException(reason);
        });
        List<OpenClDevice> devices = OpenClDevice.all();
        if (devices.isEmpty()) {
            throw new IllegalStateException("the OpenCL loader knows no device; the driver of one is missing.");
        }
        if (number >= devices.size()) {
            throw new IllegalStateException("there is no device " + number + ", but " + devices.size()
                    + ", counted from 0; 'bert devices' lists them.");
        }
        if (number >= 0) {
            OpenClDevice device = devices.get(number);
            if (device.refusal() != null) {
                throw new IllegalStateException(device.name() + " cannot be used: " + device.refusal() + ".");
            }
            return checked(device);
        }
        List<OpenClDevice> usable = devices.stream().filter(device -> device.refusal() == null).toList();
        return checked(usable.stream().filter(OpenClDevice::isGpu).findFirst()
                .or(() -> usable.stream().findFirst())
                .orElseThrow(() -> new IllegalStateException(devices.getFirst().name() + " cannot be used: "
                        + devices.getFirst().refusal() + ".")));
    }

    private static OpenClBackend checked(OpenClDevice device) {
        OpenClBackend backend = new OpenClBackend(device);
        try {
            SelfTest.fault(backend, device).ifPresent(fault -> {
                throw new IllegalStateException(device.name() + " cannot be used: " + fault);
            });
            return backend;
        } catch (Throwable e) {
            backend.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String device() {
        return device.describe().name();
    }

    @Override
    public String description() {
        return "OpenCL device " + device.number() + ", " + device.name() + ", " + device.computeUnits()
                + (device.computeUnits() == 1 ? " compute unit" : " compute units");
    }

    /** Whether its bits are those of the other backends. */
    public boolean isExact() {
        return device.exact();
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
    GemmTile tile(int tokens) {
        return tiles.of(tokens);
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
        return idle.isEmpty() ? new OpenClSession(this, context, programs) : idle.pop();
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
        if (closed || !session.isWhole() || idle.size() >= MOST_IDLE) {
            session.release(context);
        } else {
            idle.push(session);
        }
        leave();
    }

    /** Releases the memory that waits for later calls. */
    synchronized void releaseIdle() {
        idle.forEach(OpenClSession::releaseFree);
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
        programs.release();
        context.releaseQueue(uploads);
        context.release();
    }
}
