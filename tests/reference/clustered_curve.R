# Draws clients of therapists who differ in dropout, and takes their curves from R's survival.
#   Rscript tests/reference/clustered_curve.R
# writes clustered_curve_clients.csv and clustered_curve_values.csv beside this script.
# Made with R 4.2.2, survival 3.5-3.
suppressMessages(library(survival))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
set.seed(20264)
size <- sample(3:14, 16, replace = TRUE)
clients <- data.frame(therapist = rep(sprintf("t%02d", 1:16), size))
n <- nrow(clients)
clients$client <- sprintf("c%03d", sample(n))
chance <- plogis(rep(rnorm(16, -2, 1), size))
end <- rgeom(n, pmin(chance + .08, .9))
left <- runif(n) < chance / (chance + .08)
open <- sample(2:14, n, replace = TRUE)
clients$last_time <- pmin(end, open)
clients$status <- ifelse(end > open, "censored", ifelse(left, "dropped_out", "stayed"))
# An open case is at risk before its last session only, so that it is censored just before.
clients$at <- clients$last_time + 1 - .5 * (clients$status == "censored")
clients$state <- factor(clients$status, c("censored", "dropped_out", "stayed"))
curve <- survfit(Surv(at, state) ~ 1, clients, id = seq_len(n), influence = TRUE)
# survival 3.5-3 does not heed cluster = in a curve of several states: the influence of each client
# (in the order of the rows) is summed here by therapist.
moved <- rowsum(curve$influence.pstate[, -1, 2], clients$therapist) # the first is time 0
kept <- curve$n.event[, 2] + curve$n.event[, 3] > 0
values <- data.frame(kind = "competing", time = curve$time[kept] - 1,
    share = curve$pstate[kept, 2], se = sqrt(colSums(moved^2))[kept])
# Study attrition: nothing competes, whoever stayed is seen through the last time.
alone <- survfit(Surv(at, status == "dropped_out") ~ 1, clients, id = client,
    cluster = therapist, robust = TRUE)
kept <- alone$n.event > 0
values <- rbind(values, data.frame(kind = "alone", time = alone$time[kept] - 1,
    share = 1 - alone$surv[kept], se = (alone$std.err * alone$surv^alone$logse)[kept]))
write.csv(clients[c("client", "therapist", "last_time", "status")],
    file.path(here, "clustered_curve_clients.csv"), row.names = FALSE, quote = FALSE)
values[c("share", "se")] <- lapply(values[c("share", "se")], signif, 12)
write.csv(values, file.path(here, "clustered_curve_values.csv"), row.names = FALSE, quote = FALSE)
