package dev.bert4j.cli;

import java.lang.module.ModuleDescriptor;
import picocli.CommandLine.IVersionProvider;

/** The version of the library and of the Java below it. */
final class Version implements IVersionProvider {
    Version() {
    }

    @Override
    public String[] getVersion() {
        ModuleDescriptor module = Main.class.getModule().getDescriptor();
        String version = module == null ? Main.class.getPackage().getImplementationVersion()
                : module.rawVersion().orElse(null);
        return new String[] {"bert4j " + (version == null ? "" : version + ", ") + "Java " + Runtime.version()};
    }
}
