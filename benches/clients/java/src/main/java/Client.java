import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.extism.sdk.Plugin;

/**
 * Calls a plug-in by the public Java SDK, for {@code cargo xtask bench --clients}: the same program for the public
 * library and for ours.
 *
 * <p>Arguments: library, WASM, function, bytes of the input, calls in a round. Each line on standard input makes it
 * call the function so many times, and print the nanoseconds that a call took. The end of the input ends it.
 */
final class Client {
    private final Plugin plugin;
    private final String function;
    private final byte[] input;
    private final int calls;
    private final int outputBytes;

    private Client(Plugin plugin, String function, int inputBytes, int calls) {
        this.plugin = plugin;
        this.function = function;
        this.input = new byte[inputBytes];
        this.calls = calls;
        for (int i = 0; i < inputBytes; i++) {
            input[i] = (byte) (i * 31 + i / 251);
        }
        byte[] output = plugin.call(function, input);
        if (output.length != 0 && !Arrays.equals(output, input)) {
            throw new IllegalStateException("the output is not the input");
        }
        outputBytes = output.length;
    }

    private double round() {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            if (plugin.call(function, input).length != outputBytes) {
                throw new IllegalStateException("the output has changed");
            }
        }
        return (System.nanoTime() - start) / (double) calls;
    }

    /** The SDK loads a library of a fixed name, from a folder that a property names. */
    private static void choose(Path library) throws IOException {
        Path folder = Files.createTempDirectory("plugwright-bench");
        Path link = folder.resolve(System.mapLibraryName("extism"));
        Files.createSymbolicLink(link, library.toAbsolutePath());
        // Removed in the opposite order.
        folder.toFile().deleteOnExit();
        link.toFile().deleteOnExit();
        System.setProperty("jna.library.path", folder.toString());
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 5) {
            throw new IllegalArgumentException("library, WASM, function, bytes of the input, calls in a round");
        }
        choose(Path.of(arguments[0]));
        byte[] wasm = Files.readAllBytes(Path.of(arguments[1]));
        var lines = new BufferedReader(new InputStreamReader(System.in));
        try (var plugin = new Plugin(wasm, false, null)) {
            int inputBytes = Integer.parseInt(arguments[3]);
            int calls = Integer.parseInt(arguments[4]);
            var client = new Client(plugin, arguments[2], inputBytes, calls);
            while (lines.readLine() != null) {
                System.out.println(client.round());
            }
        }
    }
}
