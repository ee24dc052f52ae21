package dev.bert4j.weights;

import dev.bert4j.json.Json;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the Python names mean that {@code torch.save} writes for tensors by name. No other name means anything here, and
 * none is ever called: a call makes one of the descriptions below.
 *
 * <p>Values are String, Long, Double, Boolean, null, List for list and tuple, Map, {@link DType}, and these types.
 */
final class TorchObjects {
    /** More dimensions than PyTorch has for any tensor are an attack on our time. */
    private static final int MOST_DIMENSIONS = 64;

    private static final Map<String, Object> KNOWN = known();

    private TorchObjects() {
    }

    /** What a pickle says that cannot be; the message ends a sentence that begins with the file. */
    static final class Fault extends Exception {
        private static final long serialVersionUID = 1;

        Fault(String message) {
            super(message, null, false, false);
        }
    }

    /** What may be called. */
    enum Function {
        ORDERED_DICT("collections.OrderedDict"),
        SIZE("torch.Size"),
        TENSOR_V2("torch._utils._rebuild_tensor_v2"),
        TENSOR_V3("torch._utils._rebuild_tensor_v3"),
        PARAMETER("torch._utils._rebuild_parameter"),
        PARAMETER_WITH_STATE("torch._utils._rebuild_parameter_with_state");

        private final String python;

        Function(String python) {
            this.python = python;
        }
    }

    /**
     * A class of storages.
     *
     * @param dtype the type of its elements
     */
    record StorageType(DType dtype) {
    }

    /**
     * Elements that tensors lie in.
     *
     * @param key what the file calls it
     * @param count how many elements
     */
    record Storage(DType dtype, String key, long count) {
    }

    /**
     * A tensor: element [i, j, …] is element {@code offset + i·strides[0] + j·strides[1] + …} of the storage.
     *
     * @param dtype the type of the elements, that of the storage unless it is one of bytes
     * @param offset in elements of {@code dtype}
     */
    record View(Storage storage, DType dtype, long offset, List<Long> sizes, List<Long> strides) {
    }

    private static Map<String, Object> known() {
        Map<String, Object> known = new HashMap<>();
        for (Function function : Function.values()) {
            known.put(function.python, function);
        }
        Map.of("Float", DType.F32, "Half", DType.F16, "BFloat16", DType.BF16, "Double", DType.F64, "Long", DType.I64,
                "Int", DType.I32, "Short", DType.I16, "Char", DType.I8, "Byte", DType.U8, "Bool", DType.BOOL)
                .forEach((name, dtype) -> known.put("torch." + name + "Storage", new StorageType(dtype)));
        known.put("torch.ComplexFloatStorage", new StorageType(DType.C64));
        known.put("torch.storage.UntypedStorage", new StorageType(DType.U8));
        known.put("torch.UntypedStorage", new StorageType(DType.U8));
        Map.of("float32", DType.F32, "float16", DType.F16, "bfloat16", DType.BF16, "float64", DType.F64,
                "int64", DType.I64, "int32", DType.I32, "int16", DType.I16, "int8", DType.I8, "uint8", DType.U8,
                "bool", DType.BOOL).forEach((name, dtype) -> known.put("torch." + name, dtype));
        Map.of("uint16", DType.U16, "uint32", DType.U32, "uint64", DType.U64, "complex64", DType.C64,
                "float8_e5m2", DType.F8_E5M2, "float8_e4m3fn", DType.F8_E4M3, "float8_e8m0fnu", DType.F8_E8M0,
                "float8_e5m2fnuz", DType.F8_E5M2FNUZ, "float8_e4m3fnuz", DType.F8_E4M3FNUZ)
                .forEach((name, dtype) -> known.put("torch." + name, dtype));
        return Map.copyOf(known);
    }

    /** What a name of a Python module means. */
    static Object global(String module, String name) throws Fault {
        Object object = KNOWN.get(module + "." + name);
        if (object == null) {
            throw new Fault("it names the Python object " + shortened(module + "." + name)
                    + ", and only what plain tensors need is read; nothing of it was executed; save the model's"
                    + " state_dict() alone");
        }
        return object;
    }

    /** What a call of what {@link #global} gave makes. */
    static Object call(Object function, Object arguments) throws Fault {
        if (!(function instanceof Function known) || !(arguments instanceof List<?> args)) {
            throw new Fault("it calls what is not one of PyTorch's functions");
        }
        return switch (known) {
            case ORDERED_DICT -> {
                require(args.isEmpty(), known, args);
                yield new LinkedHashMap<>();
            }
            case SIZE -> {
                require(args.size() == 1 && args.getFirst() instanceof List<?>, known, args);
                yield args.getFirst();
            }
            case PARAMETER -> {
                require(args.size() == 3 && args.getFirst() instanceof View, known, args);
                yield args.getFirst();
            }
            case PARAMETER_WITH_STATE -> {
                require(args.size() == 4 && args.getFirst() instanceof View, known, args);
                yield args.getFirst();
            }
            case TENSOR_V2 -> {
                require(args.size() == 6 || args.size() == 7 && isEmpty(args.get(6)), known, args);
                yield view(args, null);
            }
            case TENSOR_V3 -> {
                require((args.size() == 7 || args.size() == 8 && isEmpty(args.get(7)))
                        && args.get(6) instanceof DType, known, args);
                yield view(args, (DType) args.get(6));
            }
        };
    }

    private static void require(boolean expected, Function function, List<?> args) throws Fault {
        if (!expected) {
            throw new Fault("it calls " + function.python + " with " + args.size()
                    + " arguments that are not those of plain tensors");
        }
    }

    /** Whether nothing is said there: metadata would mean that values are to be negated or conjugated. */
    private static boolean isEmpty(Object metadata) {
        return metadata == null || metadata instanceof Map<?, ?> map && map.isEmpty();
    }

    private static View view(List<?> args, DType given) throws Fault {
        if (!(args.get(0) instanceof Storage storage && args.get(1) instanceof Long offset
                && args.get(2) instanceof List<?> sizes && args.get(3) instanceof List<?> strides)) {
            throw new Fault("it makes a tensor of something that is not a storage, an offset, sizes and strides");
        }
        return new View(storage, given == null ? storage.dtype() : given, offset, numbers(sizes), numbers(strides));
    }

    private static List<Long> numbers(List<?> list) throws Fault {
        if (list.size() > MOST_DIMENSIONS) {
            throw new Fault("it makes a tensor of " + list.size() + " dimensions, over the " + MOST_DIMENSIONS
                    + " allowed");
        }
        Long[] numbers = new Long[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!(list.get(i) instanceof Long number)) {
                throw new Fault("it makes a tensor whose sizes or strides are not whole numbers");
            }
            numbers[i] = number;
        }
        return List.of(numbers);
    }

    /** What a persistent id stands for: ("storage", class, key, device, count), and null after it in old files. */
    static Storage persistent(Object id) throws Fault {
        if (id instanceof List<?> list && (list.size() == 5 || list.size() == 6 && list.get(5) == null)
                && "storage".equals(list.get(0)) && list.get(1) instanceof StorageType type
                && list.get(2) instanceof String key && list.get(4) instanceof Long count) {
            return new Storage(type.dtype(), key, count);
        }
        throw new Fault("it refers to something that is not a storage of numbers");
    }

    /** A text of a file in a sentence. */
    static String shortened(String text) {
        return Json.write(text.length() <= 80 ? text : text.substring(0, 80) + "…");
    }
}
