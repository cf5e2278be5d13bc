//! Reports as files, over the same use cases as GraphQL: who may ask, for which purpose, what is kept back and written down is the same.
use super::{
    Asking, Further, Reports,
    page::{self, Page},
};
use crate::{
    caller::Caller,
    error::{Error, Result},
    http::{ReportForm, ReportOf, Written},
    sheet,
};
use chrono::DateTime;
use csv::Writer;
use domain::{
    casework::referral::ReferrerKind,
    code::Coded,
    id::{AreaId, Kinded, OrganizationId},
    rejection::{Code, Rejection},
    report::{
        LEAST, Rendering, ReportName,
        cohort::Cohort,
        lines::Line,
        table::{Told, ToldSection},
    },
    scalar::Date,
    text::{Language, LocalizedText},
};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What stands where a figure is kept back: the sign of Statistics Finland for what is confidential.
pub(crate) const KEPT_BACK: &str = "...";

/// Does what came through the door.
pub(crate) async fn written(caller: &Caller, of: ReportOf) -> Written {
    write(caller, &of).await.unwrap_or_else(|fault| match fault {
        Error::NotFound => Written::Nothing,
        Error::Unauthenticated => Written::Unauthenticated,
        Error::PurposeRequired => Written::PurposeRequired,
        Error::BadInput(words) => Written::Wrong(words),
        Error::Rejected(rejections) => {
            let one = |why: &Rejection| (why.code, why.path.clone(), why.words(caller.language()));
            Written::Refused(rejections.iter().map(one).collect())
        }
        fault => {
            tracing::warn!(%fault, "a report could not be written");
            Written::Failed
        }
    })
}

async fn write(caller: &Caller, of: &ReportOf) -> Result<Written> {
    caller.signed_in()?;
    caller.note_operation("report");
    let names = named(&of.name).ok_or(Error::NotFound)?;
    let (asking, further) = read(&of.said)?;
    let reports = Reports::ask(caller, asking)?.ok_or(Error::NotFound)?;
    let mut told = Vec::new();
    for name in names {
        told.push(reports.report(caller, name, &further).await?);
    }
    let book = Book { reports: &reports, told: &told, language: caller.language() };
    let bytes = match of.form {
        ReportForm::Csv => book.csv()?.into_bytes(),
        ReportForm::Xlsx => book.xlsx().map_err(Error::internal)?,
        ReportForm::Html => {
            let catalogue = caller.catalogue();
            let organization = catalogue.organizations.get(reports.asked().organization).map(|row| &row.content.name);
            Page { reports: &reports, organization, told: &told, language: caller.language() }.html()?.into_bytes()
        }
    };
    let policy = (of.form == ReportForm::Html).then(page::policy);
    Ok(Written::File { name: format!("{}_{}", of.name, reports.asked().moments.as_of), bytes, policy })
}

/// The reports under a name: one, or all that need nothing else to be said.
fn named(name: &str) -> Option<Vec<ReportName>> {
    if name == "all" {
        return Some(ReportName::ALL.iter().copied().filter(|name| *name != ReportName::OutcomeChange).collect());
    }
    ReportName::ALL.iter().copied().find(|report| address(*report) == name).map(|report| vec![report])
}

/// The name of a report in an address.
pub(crate) fn address(report: ReportName) -> String {
    report.code().to_lowercase().replace('_', "-")
}

fn wrong(parameter: &str) -> Error {
    Error::BadInput(format!("{parameter} is not of its form"))
}

/// A value by the words in which GraphQL says it.
fn word<T: DeserializeOwned>(parameter: &str, text: &str) -> Result<T> {
    serde_json::from_value(text.into()).map_err(|_| wrong(parameter))
}

/// What is asked, as it is said in an address.
fn read(said: &BTreeMap<String, String>) -> Result<(Asking, Further)> {
    let given = |name: &str| said.get(name).map(String::as_str);
    let day = |name: &str| given(name).map(|text| text.parse().map(Date).map_err(|_| wrong(name))).transpose();
    let list = |name: &str| given(name).into_iter().flat_map(|text| text.split(',')).filter(|part| !part.is_empty());
    let known_at = given("knownAt").map(|text| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|_| wrong("knownAt"))).transpose()?;
    let cohort = Cohort {
        service_tasks: list("serviceTasks").map(str::to_owned).collect(),
        referrers: list("referrers").map(|text| word::<ReferrerKind>("referrers", text)).collect::<Result<_>>()?,
        opened_from: day("openedFrom")?,
        opened_to: day("openedTo")?,
    };
    let asking = Asking {
        organization: given("organization").and_then(OrganizationId::from_public).ok_or_else(|| wrong("organization"))?,
        as_of: day("asOf")?.ok_or_else(|| wrong("asOf"))?.0,
        known_at,
        cohort,
        rendering: word::<Rendering>("rendering", given("rendering").ok_or_else(|| wrong("rendering"))?)?,
        least: given("k").map_or(Ok(LEAST), |text| text.parse().map_err(|_| wrong("k")))?,
    };
    let area = given("area").map(|text| AreaId::from_public(text).ok_or_else(|| Error::reject(Code::UnknownReference, &["area"]))).transpose()?;
    Ok((asking, Further { instrument: given("instrument").map(str::to_owned), area, from: day("from")? }))
}

/// The headings of a table of lines.
pub(crate) fn headings() -> [LocalizedText; 6] {
    [
        LocalizedText::of("Lukumäärä", "Antal", "Count"),
        LocalizedText::of("Kaikkiaan", "Av", "Of"),
        LocalizedText::of("Osuus %", "Andel %", "Share %"),
        LocalizedText::of("Keskiarvo", "Medelvärde", "Average"),
        LocalizedText::of("Yksikkö", "Enhet", "Unit"),
        LocalizedText::of("Salattu", "Dold", "Kept back"),
    ]
}

/// Reports that are written to a file.
struct Book<'a> {
    reports: &'a Reports,
    told: &'a [Told],
    language: Language,
}

impl Book<'_> {
    fn say<'t>(&self, text: &'t LocalizedText) -> &'t str {
        text.in_language(self.language)
    }

    /// One table for all, a row for each figure: with what it is of, so that rows of several files can be laid under each other.
    fn csv(&self) -> Result<String> {
        let mut out = sheet::writer("\u{feff}");
        let asked = self.reports.asked();
        let of =
            ["report", "asOf", "knownAt", "rendering", "section", "key", "sectionTitle", "label", "count", "of", "percent", "average", "unit", "suppressed"];
        out.write_record(of).map_err(Error::internal)?;
        let moment = [asked.moments.as_of.to_string(), asked.moments.known_at.to_rfc3339(), rendering(asked.rendering)];
        for told in self.told {
            let mut line = |section: Option<&ToldSection>, line: &Line| self.record(&mut out, told, &moment, section, line);
            line(None, &told.whole_line())?;
            for section in &told.sections {
                for one in section.lines() {
                    line(Some(section), &one)?;
                }
            }
        }
        sheet::text(out)
    }

    fn record(&self, out: &mut Writer<Vec<u8>>, told: &Told, moment: &[String; 3], section: Option<&ToldSection>, line: &Line) -> Result<()> {
        let number = |number: Option<i32>| number.map_or_else(|| KEPT_BACK.to_owned(), |number| number.to_string());
        let average = line.average.map(|average| average.hundredths.map_or_else(|| KEPT_BACK.to_owned(), |of| sheet::decimal(of.into())));
        let mut record = vec![told.name.code()];
        record.extend(moment.iter().cloned());
        record.extend([
            section.map_or_else(String::new, |section| section.key.clone()),
            line.key.clone(),
            section.map_or_else(String::new, |section| sheet::plain(self.say(&section.title))),
            sheet::plain(self.say(&line.label)),
            number(line.figure.numerator),
            line.figure.denominator.map(|of| of.to_string()).unwrap_or_default(),
            line.figure.share.map(|share| sheet::decimal(share.into())).unwrap_or_default(),
            average.unwrap_or_default(),
            line.average.map(|average| self.say(&average.unit.label()).to_owned()).unwrap_or_default(),
            line.is_suppressed().to_string(),
        ]);
        out.write_record(record).map_err(Error::internal)
    }

    /// A sheet for each report, with numbers that a spreadsheet reckons with.
    fn xlsx(&self) -> std::result::Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        for told in self.told {
            self.sheet(book.add_worksheet(), told)?;
        }
        book.save_to_buffer()
    }

    fn sheet(&self, sheet: &mut Worksheet, told: &Told) -> std::result::Result<(), XlsxError> {
        let (bold, title) = (Format::new().set_bold(), Format::new().set_bold().set_font_size(14));
        let name = told.name.label();
        // No more characters than a sheet's name may have.
        sheet.set_name(self.say(&name).chars().take(31).collect::<String>())?;
        sheet.set_column_width(0, 60)?;
        sheet.write_string_with_format(0, 0, self.say(&name), &title)?;
        let asked = self.reports.asked();
        sheet.write_string(1, 0, format!("{} · {} · {}", asked.moments.as_of, asked.moments.known_at.to_rfc3339(), rendering(asked.rendering)))?;
        for (at, heading) in (1..).zip(headings()) {
            sheet.write_string_with_format(2, at, self.say(&heading), &bold)?;
        }
        self.line(sheet, 3, &told.whole_line())?;
        let mut row = 4;
        for section in &told.sections {
            sheet.write_string_with_format(row, 0, self.say(&section.title), &bold)?;
            row += 1;
            for line in section.lines() {
                self.line(sheet, row, &line)?;
                row += 1;
            }
        }
        Ok(())
    }

    fn line(&self, sheet: &mut Worksheet, row: u32, line: &Line) -> std::result::Result<(), XlsxError> {
        let (hundredths, indented) = (Format::new().set_num_format("0.00"), Format::new().set_indent(if line.is_part { 2 } else { 1 }));
        sheet.write_string_with_format(row, 0, self.say(&line.label), &indented)?;
        match line.figure.numerator {
            Some(count) => sheet.write_number(row, 1, count)?,
            None => sheet.write_string(row, 1, KEPT_BACK)?,
        };
        if let Some(of) = line.figure.denominator {
            sheet.write_number(row, 2, of)?;
        }
        if let Some(share) = line.figure.share {
            sheet.write_number_with_format(row, 3, f64::from(share) / 100.0, &hundredths)?;
        }
        if let Some(average) = line.average {
            match average.hundredths {
                Some(of) => sheet.write_number_with_format(row, 4, f64::from(of) / 100.0, &hundredths)?,
                None => sheet.write_string(row, 4, KEPT_BACK)?,
            };
            sheet.write_string(row, 5, self.say(&average.unit.label()))?;
        }
        sheet.write_boolean(row, 6, line.is_suppressed())?;
        Ok(())
    }
}

/// How a rendering is said in GraphQL.
pub(crate) fn rendering(rendering: Rendering) -> String {
    match rendering {
        Rendering::Internal => "INTERNAL".to_owned(),
        Rendering::Publishable => "PUBLISHABLE".to_owned(),
    }
}
