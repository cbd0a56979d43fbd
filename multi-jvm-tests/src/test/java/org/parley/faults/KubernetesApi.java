package org.parley.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * As much of a Kubernetes API server as a pod asks for: the pods of a namespace that have a label,
 * over TLS, for a service account that may list them. Source: the Kubernetes API, core/v1, PodList.
 */
final class KubernetesApi implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PODS = "/api/v1/namespaces/campaigns/pods";
  private static final String TOKEN = "token-of-the-service-account";
  private static final String PASSWORD = "changeit";

  private final Path account;
  private final HttpsServer server;
  private final List<Pod> pods;
  private final boolean mayList;

  /** A pod with the label that it answers for; without an address as long as it has none. */
  record Pod(String name, String phase, Optional<String> address, boolean ends, int management) {}

  /**
   * Starts it on a free port.
   *
   * @param directory for its certificate and the files of the service account
   * @param mayList whether the service account has the right to list pods
   */
  static KubernetesApi start(Path directory, boolean mayList, List<Pod> pods)
      throws IOException, GeneralSecurityException {
    Path account = Files.createDirectories(directory.resolve("serviceaccount"));
    Files.writeString(account.resolve("token"), TOKEN);
    Files.writeString(account.resolve("namespace"), "campaigns");
    return new KubernetesApi(account, context(directory, account), mayList, pods);
  }

  private KubernetesApi(Path account, SSLContext context, boolean mayList, List<Pod> pods)
      throws IOException {
    this.account = account;
    this.mayList = mayList;
    this.pods = List.copyOf(pods);
    InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    this.server = HttpsServer.create(free, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    var unused = server.createContext("/", this::answer);
    server.start();
  }

  /** A certificate that the pods are told to trust. */
  private static SSLContext context(Path directory, Path account)
      throws IOException, GeneralSecurityException {
    Path keys = directory.resolve("kubernetes.p12");
    List<String> store =
        List.of("-alias", "api", "-keystore", keys.toString(), "-storepass", PASSWORD);
    keytool(
        List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=kubernetes", "-validity", "2"),
        List.of("-ext", "san=ip:127.0.0.1", "-storetype", "PKCS12"),
        store);
    keytool(
        List.of("-exportcert", "-rfc", "-file", account.resolve("ca.crt").toString()),
        List.of(),
        store);
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      loaded.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(loaded, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static void keytool(List<String> what, List<String> how, List<String> store)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(what);
    command.addAll(how);
    command.addAll(store);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (process.waitFor() != 0) throw new IOException("keytool has failed: " + command);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** What each container has in its environment. */
  Map<String, String> environment() {
    return Map.of(
        "KUBERNETES_SERVICE_HOST",
        "127.0.0.1",
        "KUBERNETES_SERVICE_PORT",
        Integer.toString(server.getAddress().getPort()));
  }

  /** Where the files of the service account are; in a pod below /var/run. In HOCON. */
  String nodeSettings() {
    return """
        pekko.discovery.kubernetes-api {
          api-ca-path = "%s", api-token-path = "%s", pod-namespace-path = "%s"
        }
        """
        .formatted(
            account.resolve("ca.crt"), account.resolve("token"), account.resolve("namespace"));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean known =
          ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
      if (!known) {
        send(exchange, 401, status("Unauthorized", "Unauthorized"));
      } else if (!mayList || !exchange.getRequestURI().getPath().equals(PODS)) {
        send(exchange, 403, status("Forbidden", "pods is forbidden"));
      } else {
        boolean ours = "labelSelector=app=parley".equals(exchange.getRequestURI().getQuery());
        send(exchange, 200, list(ours ? pods : List.of()));
      }
    }
  }

  private static void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static ObjectNode status(String reason, String message) {
    return object("Status").put("status", "Failure").put("reason", reason).put("message", message);
  }

  private static ObjectNode list(List<Pod> pods) {
    ObjectNode list = object("PodList");
    list.putObject("metadata").put("resourceVersion", "4711");
    ArrayNode items = list.putArray("items");
    for (Pod pod : pods) {
      ObjectNode item = items.addObject();
      ObjectNode metadata = item.putObject("metadata").put("name", pod.name());
      metadata.putObject("labels").put("app", "parley");
      if (pod.ends()) metadata.put("deletionTimestamp", "2026-12-01T12:00:00Z");
      ObjectNode container =
          item.putObject("spec").putArray("containers").addObject().put("name", "parley");
      ArrayNode ports = container.putArray("ports");
      ports.addObject().put("name", "http").put("containerPort", 8080).put("protocol", "TCP");
      ports.addObject().put("name", "management").put("containerPort", pod.management());
      ObjectNode status = item.putObject("status").put("phase", pod.phase());
      pod.address().ifPresent(address -> status.put("podIP", address));
    }
    return list;
  }

  private static ObjectNode object(String kind) {
    return JSON.createObjectNode().put("kind", kind).put("apiVersion", "v1");
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
