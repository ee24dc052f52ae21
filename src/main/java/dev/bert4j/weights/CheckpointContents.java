package dev.bert4j.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the files of a model hold, each read in its format.
 *
 * @param mappedSizes the files and the size of each when it was mapped
 * @param metadata what safetensors files say of themselves
 */
record CheckpointContents(Map<Path, Long> mappedSizes, Map<String, WeightTensor> tensors,
        Map<String, String> metadata) {
    /** Maps files into an arena and reads what they say of their tensors. */
    static CheckpointContents read(CheckpointFiles found, Arena arena) throws IOException {
        CheckpointContents contents =
                new CheckpointContents(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        for (Path file : found.files()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                contents.add(file, channel, map(file, channel, arena), arena);
            }
        }
        contents.requirePlacement(found);
        QuantizedFormat.join(contents.tensors, contents.metadata, found.files().getFirst());
        return contents;
    }

    private void add(Path file, FileChannel channel, MemorySegment bytes, Arena arena) throws IOException {
        mappedSizes.put(file, bytes.byteSize());
        for (WeightTensor tensor : tensorsOf(file, channel, bytes, arena)) {
            WeightTensor other = tensors.put(tensor.name(), tensor);
            if (other != null) {
                throw new CheckpointException(file, tensor.name(), "is in " + other.file() + " already");
            }
        }
    }

    private static MemorySegment map(Path file, FileChannel channel, Arena arena) throws IOException {
        try {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (UnsupportedOperationException e) {
            throw new CheckpointException(file, "its file system cannot map files into memory; copy it to a disk");
        }
    }

    /** The format is known by the name; behind any other name by how a file of PyTorch's begins. */
    private List<WeightTensor> tensorsOf(Path file, FileChannel channel, MemorySegment bytes, Arena arena)
            throws IOException {
        String name = file.toString();
        if (name.endsWith(CheckpointFiles.PYTORCH_ENDING)
                || !name.endsWith(CheckpointFiles.SAFETENSORS_ENDING) && TorchFile.is(bytes)) {
            return TorchFile.read(file, bytes, arena);
        }
        SafetensorsHeader header = SafetensorsHeader.read(file, channel, bytes.byteSize());
        for (Map.Entry<String, String> said : header.metadata().entrySet()) {
            metadata.merge(said.getKey(), said.getValue(), said.getKey().equals(QuantizedFormat.KEY)
                    ? QuantizedFormat::later : (first, _) -> first);
        }
        List<WeightTensor> read = new ArrayList<>();
        for (SafetensorsHeader.Entry entry : header.entries()) {
            MemorySegment data = bytes.asSlice(header.dataStart() + entry.begin(), entry.end() - entry.begin());
            read.add(new WeightTensor(entry.name(), entry.dtype(), entry.shape(), data, file));
        }
        return read;
    }

    private void requirePlacement(CheckpointFiles found) throws CheckpointException {
        for (Map.Entry<String, Path> place : found.placement().entrySet()) {
            WeightTensor tensor = tensors.get(place.getKey());
            if (tensor == null || !tensor.file().equals(place.getValue())) {
                throw new CheckpointException(place.getValue(), place.getKey(),
                        "must be in this file by the index, but is in " + (tensor == null ? "none" : tensor.file()));
            }
        }
    }
}
