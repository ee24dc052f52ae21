package dev.bert4j.cli;

import dev.bert4j.backend.Backend;
import dev.bert4j.backend.Backends;
import dev.bert4j.backend.Device;
import dev.bert4j.backend.Devices;
import dev.bert4j.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bert devices}: what a model can run on here, and what was refused and why. */
@Command(name = "devices", mixinStandardHelpOptions = true,
        description = "Lists what a model can run on here, and says of the rest why not.")
final class DevicesCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    DevicesCommand() {
    }

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        List<Device> devices = Devices.all();
        String cpu;
        try (Backend backend = Backends.choose(Devices.CPU, 0)) {
            cpu = backend.name() + ": " + backend.description();
        }
        if (json) {
            List<Map<String, Object>> all = new ArrayList<>();
            all.add(Map.of("name", Devices.CPU, "model", cpu));
            devices.forEach(device -> all.add(json(device)));
            out.println(Json.write(all));
            return;
        }
        Table table = new Table("device", "name", ">memory", ">compute units", "driver");
        table.add(Devices.CPU, cpu, "", "", "");
        for (Device device : devices) {
            table.add(device.name(), device.model() + (device.gpu() ? "" : " (no GPU)"), Sizes.of(device.memory()),
                    String.valueOf(device.computeUnits()), device.driver());
        }
        table.print(out);
        out.println();
        Devices.refusal().ifPresent(reason -> out.println("OpenCL cannot be used: " + reason));
        if (devices.isEmpty() && Devices.refusal().isEmpty()) {
            out.println("The OpenCL loader knows no device; the driver of one is missing.");
        }
        for (Device device : devices) {
            if (device.refusal() != null) {
                out.println(device.name() + " cannot be used: " + device.refusal() + ".");
            } else if (device.note() != null) {
                out.println(device.name() + ": " + device.note() + ".");
            }
        }
        out.println("Without --backend a model runs on " + Backends.auto() + ".");
    }

    private static Map<String, Object> json(Device device) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("name", device.name());
        keys.put("model", device.model());
        keys.put("driver", device.driver());
        keys.put("gpu", device.gpu());
        keys.put("memory", device.memory());
        keys.put("compute_units", device.computeUnits());
        keys.put("refusal", device.refusal());
        keys.put("note", device.note());
        return keys;
    }
}
