// Cards and modals, made with the builders of the npm package.
import {
  Actions, Button, Card, CardLink, CardText, Chart, DateInput, Divider, ExternalSelect, Field,
  Fields, Image, LinkButton, Modal, NumberInput, RadioSelect, Section, Select, SelectOption, Table,
  TextInput,
} from "chat";

const options = [
  SelectOption({ label: "Small", value: "s" }),
  SelectOption({ label: "Large", value: "l", description: "half a litre" }),
];

export const cards = {
  empty: Card(),
  header: Card({
    title: "Order",
    subtitle: "Table 4",
    imageUrl: "https://example.com/head.png",
    width: "full",
  }),
  text: Card({
    children: [
      CardText("plain"),
      CardText("**bold**", { style: "bold" }),
      CardText("muted", { style: "muted" }),
    ],
  }),
  image: Card({
    children: [
      Image({ url: "https://example.com/a.png" }),
      Image({ url: "https://example.com/b.png", alt: "B" }),
    ],
  }),
  section: Card({
    children: [
      Divider(),
      Section([
        CardText("inside"),
        Section([CardLink({ url: "https://example.com/menu", label: "Menu" })]),
      ]),
    ],
  }),
  fields: Card({
    children: [
      Fields([Field({ label: "Total", value: "7.50" }), Field({ label: "Table", value: "4" })]),
    ],
  }),
  table: Card({
    children: [
      Table({ headers: ["Item", "Price"], rows: [["Tea", "2.50"], ["Carrot cake", "3"]] }),
      Table({
        headers: ["a", "b"],
        rows: [["1"], ["1", "2"]],
        align: ["left", "right"],
        caption: "Items",
        pageSize: 5,
        widths: [3, 1],
        verticalAlign: "center",
        gridLines: false,
        gridStyle: "accent",
      }),
    ],
  }),
  charts: Card({
    children: [
      Chart({
        title: "Shares",
        chart: {
          type: "pie",
          segments: [{ label: "Tea", value: 2 }, { label: "Cake", value: 0.5 }],
        },
      }),
      Chart({
        title: "Sales",
        chart: {
          type: "line",
          categories: ["Mon", "Tue"],
          series: [
            { name: "Tea", data: [{ label: "Mon", value: 120 }, { label: "Tue", value: -2.5 }] },
            { name: "Cake", data: [{ label: "Mon", value: 1e21 }, { label: "Tue", value: 1e-7 }] },
          ],
          xLabel: "Day",
          yLabel: "Cups",
        },
      }),
    ],
  }),
  actions: Card({
    children: [
      Actions([
        Button({ id: "plain", label: "Plain" }),
        Button({
          id: "full",
          label: "Full",
          style: "primary",
          value: "42",
          disabled: true,
          actionType: "modal",
          callbackUrl: "https://example.com/hook",
          tooltip: "tip",
        }),
        LinkButton({ url: "https://example.com", label: "Docs" }),
        LinkButton({ id: "docs", url: "https://example.com", label: "Docs", style: "danger", tooltip: "tip" }),
        Select({ id: "size", label: "Size", options }),
        Select({
          id: "size2",
          label: "Size",
          options,
          placeholder: "Choose",
          initialOption: "s",
          optional: true,
          dispatchAction: true,
        }),
        RadioSelect({ id: "size3", label: "Size", options }),
        RadioSelect({
          id: "size4",
          label: "Size",
          options,
          initialOption: "l",
          optional: true,
          dispatchAction: true,
        }),
      ]),
    ],
  }),
};

export const modals = {
  empty: Modal({ callbackId: "c", title: "t" }),
  full: Modal({
    callbackId: "feedback",
    callbackUrl: "https://example.com/hook",
    title: "Feedback",
    submitLabel: "Send",
    closeLabel: "Cancel",
    notifyOnClose: true,
    privateMetadata: '{"a":1}',
    children: [CardText("text"), Fields([Field({ label: "Name", value: "Ada" })])],
  }),
  inputs: Modal({
    callbackId: "c",
    title: "t",
    children: [
      TextInput({ id: "a", label: "A" }),
      TextInput({
        id: "b",
        label: "B",
        placeholder: "p",
        initialValue: "v",
        multiline: true,
        optional: true,
        maxLength: 10,
      }),
      DateInput({ id: "c", label: "C" }),
      DateInput({ id: "d", label: "D", placeholder: "p", initialValue: "2026-01-31", optional: true }),
      NumberInput({ id: "e", label: "E" }),
      NumberInput({
        id: "f",
        label: "F",
        placeholder: "p",
        initialValue: 0,
        optional: true,
        min: -1,
        max: 2.5,
        decimal: true,
      }),
      ExternalSelect({ id: "g", label: "G" }),
      ExternalSelect({
        id: "h",
        label: "H",
        placeholder: "p",
        initialOption: options[1],
        minQueryLength: 0,
        optional: true,
      }),
      Select({ id: "i", label: "I", options }),
      RadioSelect({ id: "j", label: "J", options }),
    ],
  }),
};
