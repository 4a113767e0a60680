import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;

/** Writes the certificates of the first file, in PEM, into a key store, the second file. */
final class Trust {
    private Trust() {
    }

    public static void main(String[] files) throws Exception {
        // Neither format nor password is a secret: these are what Java expects.
        var store = KeyStore.getInstance("JKS");
        store.load(null, null);
        try (var in = Files.newInputStream(Path.of(files[0]))) {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry(String.valueOf(store.size()), certificate);
            }
        }
        try (var out = Files.newOutputStream(Path.of(files[1]))) {
            store.store(out, "changeit".toCharArray());
        }
    }
}
