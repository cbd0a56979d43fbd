package org.parley.ops;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;

/** A host and a port, as given on the command line: {@code HOST:PORT}, {@code [::1]:PORT}. */
record Address(String host, int port) {

  static Address parse(String option, String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = text.substring(colon + 1);
    if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
    if (host.isEmpty() || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
      throw CommandFailure.usage(option + " must be HOST:PORT, and is " + text);
    }
    return new Address(host, Integer.parseInt(port));
  }

  /** Fails with one sentence when nobody could listen here. */
  void requireFree(String option) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port), 1);
    } catch (UnknownHostException e) {
      throw CommandFailure.usage(option + ": there is no host " + host);
    } catch (IOException e) {
      throw CommandFailure.failed(
          "cannot listen on "
              + this
              + ": the port is taken or not allowed; choose another one with "
              + option
              + " "
              + host
              + ":PORT, or port 0 for any.");
    }
  }

  /** Whether somebody listens there. */
  boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
