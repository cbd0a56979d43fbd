package org.parley.node;

import com.typesafe.config.Config;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The files by which a node proves what it is and knows the others, in PEM.
 *
 * @param host the name by which the others reach this node
 */
record TlsFiles(String host, Path key, Path certificate, Path authorities) {
  private static final String AT = "parley.cluster.tls.";
  private static final long LONGEST_BYTES = 1 << 20;
  private static final char[] NO_PASSWORD = {};
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  /** What the files say. */
  record Identity(SSLContext context, List<String> names, Instant until) {}

  /**
   * Finds the files; nothing is read yet.
   *
   * @throws IllegalArgumentException if one is not named
   */
  static TlsFiles from(Config config) {
    return new TlsFiles(
        config.getString("parley.cluster.host"),
        named(config, "key"),
        named(config, "certificate"),
        named(config, "authorities"));
  }

  private static Path named(Config config, String key) {
    String text = config.getString(AT + key);
    if (text.isBlank()) {
      throw new IllegalArgumentException(
          AT
              + key
              + " is empty: allowed is a file in PEM, as ops/bin/parley-certificates makes it");
    }
    return Path.of(text);
  }

  /** Changes when one of the files does. */
  String stamp() {
    StringBuilder stamp = new StringBuilder();
    for (Path file : List.of(key, certificate, authorities)) {
      try {
        stamp.append(Files.getLastModifiedTime(file)).append(' ').append(Files.size(file));
      } catch (IOException e) {
        stamp.append("none");
      }
      stamp.append('|');
    }
    return stamp.toString();
  }

  /**
   * Reads the files and checks that the others will accept this node by them.
   *
   * @throws IllegalArgumentException with the file, what is wrong with it, and what is allowed
   */
  Identity read() {
    List<X509Certificate> trusted = certificates("authorities", authorities);
    List<X509Certificate> chain = certificates("certificate", certificate);
    PrivateKey secret = privateKey();
    X509Certificate own = chain.get(0);
    if (!belongTogether(secret, own.getPublicKey())) {
      throw bad("key", key, "it is not the key of the certificate in " + certificate);
    }
    List<String> names = CertificateNames.of(own);
    if (!CertificateNames.match(names, host)) {
      throw bad(
          "certificate",
          certificate,
          "it is for " + names + ", and parley.cluster.host is " + host + ", which it must name");
    }
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      KeyStore mine = KeyStore.getInstance("PKCS12");
      mine.load(null, NO_PASSWORD);
      mine.setKeyEntry("node", secret, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
      keys.init(mine, NO_PASSWORD);
      TrustManager[] trust = trust(trusted);
      requireIssued(trust, chain);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys.getKeyManagers(), trust, null);
      return new Identity(context, names, own.getNotAfter().toInstant());
    } catch (GeneralSecurityException | IOException e) {
      throw bad("certificate", certificate, "it cannot be used (" + e.getMessage() + ")");
    }
  }

  private static TrustManager[] trust(List<X509Certificate> trusted)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    for (int i = 0; i < trusted.size(); i++) store.setCertificateEntry("a" + i, trusted.get(i));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  /** What another node of this cluster will find, this one finds first. */
  private void requireIssued(TrustManager[] trust, List<X509Certificate> chain) {
    X509Certificate own = chain.get(0);
    Instant now = Instant.now();
    Instant from = own.getNotBefore().toInstant();
    Instant until = own.getNotAfter().toInstant();
    if (now.isBefore(from) || now.isAfter(until)) {
      throw bad("certificate", certificate, "it is valid from " + from + " to " + until + " only");
    }
    X509Certificate[] certificates = chain.toArray(X509Certificate[]::new);
    for (TrustManager manager : trust) {
      if (!(manager instanceof X509TrustManager x509)) continue;
      try {
        x509.checkServerTrusted(certificates, "UNKNOWN");
        x509.checkClientTrusted(certificates, "UNKNOWN");
      } catch (CertificateException e) {
        throw bad(
            "certificate",
            certificate,
            "none of the authorities in "
                + authorities
                + " has issued it for servers and clients ("
                + e.getMessage()
                + ")");
      }
    }
  }

  private List<X509Certificate> certificates(String setting, Path file) {
    byte[] bytes = text(setting, file).getBytes(StandardCharsets.US_ASCII);
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509Certificate> found = new ArrayList<>();
      factory
          .generateCertificates(new ByteArrayInputStream(bytes))
          .forEach(each -> found.add((X509Certificate) each));
      if (!found.isEmpty()) return found;
    } catch (CertificateException e) {
      // It is told like a file with something else in it.
    }
    throw bad(setting, file, "allowed are certificates in PEM (BEGIN CERTIFICATE)");
  }

  private PrivateKey privateKey() {
    Matcher found = KEY.matcher(text("key", key));
    if (found.find()) {
      PKCS8EncodedKeySpec spec =
          new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1)));
      for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
        try {
          return KeyFactory.getInstance(algorithm).generatePrivate(spec);
        } catch (InvalidKeySpecException e) {
          // A key of another kind.
        } catch (GeneralSecurityException e) {
          throw bad("key", key, "this Java knows no " + algorithm);
        }
      }
    }
    throw bad(
        "key",
        key,
        "allowed is an EC, RSA or EdDSA key in PKCS#8 without a password (BEGIN PRIVATE KEY)");
  }

  private static boolean belongTogether(PrivateKey secret, PublicKey open) {
    byte[] something = {1, 2, 3};
    String family = secret.getAlgorithm();
    String algorithm =
        family.equals("EC") ? "SHA256withECDSA" : family.equals("RSA") ? "SHA256withRSA" : "EdDSA";
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(secret);
      signature.update(something);
      byte[] signed = signature.sign();
      signature.initVerify(open);
      signature.update(something);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private String text(String setting, Path file) {
    try {
      if (Files.size(file) > LONGEST_BYTES) throw bad(setting, file, "it is longer than 1 MiB");
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw bad(setting, file, "there is no such file that this user may read");
    }
  }

  private static IllegalArgumentException bad(String setting, Path file, String why) {
    return new IllegalArgumentException(AT + setting + " = \"" + file + "\": " + why);
  }
}
