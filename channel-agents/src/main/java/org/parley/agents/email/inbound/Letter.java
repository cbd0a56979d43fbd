package org.parley.agents.email.inbound;

import java.util.List;
import java.util.Optional;
import org.parley.core.api.AttemptId;

/**
 * What a mail says, as far as it matters here.
 *
 * @param id its Message-ID, else a hash of it
 * @param from the address in From, else the envelope's sender; personal, never logged
 * @param nullSender whether the envelope has no sender, as bounces have
 * @param postman whether a mail server wrote it, by its From address
 * @param automatic whether a program wrote it (RFC 3834)
 * @param about the attempt that it names as the one it answers
 * @param to the addresses in To, Cc and their like; personal
 * @param text what was written, without quoted parts
 * @param whole the text with all its parts, for those who look for codes
 */
record Letter(
    String id,
    String from,
    boolean nullSender,
    boolean postman,
    boolean automatic,
    Optional<AttemptId> about,
    List<String> to,
    String text,
    String whole,
    Optional<Report> report) {}
